"""A process killed between making reminders and mailing them loses none and doubles none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from muster.access.models import Membership
from muster.notices.delivery import deliver
from muster.notices.models import Email, Reminder
from muster.notices.reminders import make_due_reminders
from tests.make import make_license, make_member, make_producer
from tests.notices.mail_server import MailServer
from tests.workers import url_of_this_database

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)

# Makes the reminders of NOON, and takes itself down, as a power cut would, at the end of a certain call.
PROGRAM = """
import os, signal
import django
django.setup()
from datetime import datetime
from muster.notices import {module}, reminders

real, calls = {module}.{name}, []

def last(*args, **kwargs):
    told = real(*args, **kwargs)
    calls.append(1)
    if len(calls) == {times}:
        os.kill(os.getpid(), signal.SIGKILL)
    return told

{module}.{name} = last
reminders.make_due_reminders(now=datetime.fromisoformat("{now}"))
"""


def make_and_die(module: str, name: str, times: int) -> None:
    """Have another process make the reminders, and die at it."""
    program = PROGRAM.format(module=module, name=name, times=times, now=NOON.isoformat())
    environment = {**os.environ, "DATABASE_URL": url_of_this_database()}
    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == -signal.SIGKILL


def readers_with_licenses() -> list[Membership]:
    readers = []
    for _ in range(2):
        admin = make_member()
        readers += [admin, make_member(admin.organization)]
        for days_left in (7, 30):
            make_license(make_producer(admin.organization), expires_on=DAY + timedelta(days_left))
    return readers


@pytest.mark.parametrize(
    ("module", "name", "times", "kept"),
    [
        ("reminders", "_claim", 1, 0),
        ("reminders", "_insert", 1, 0),
        ("digest", "queue_email", 1, 0),
        ("digest", "queue_email", 2, 0),
        # The first organization is done with, and stays so.
        ("reminders", "_insert", 2, 2),
        ("digest", "queue_email", 3, 2),
    ],
)
def test_who_is_killed_half_way_leaves_nobody_out_and_tells_nobody_twice(
    mail_server: MailServer, module: str, name: str, times: int, kept: int
) -> None:
    readers = readers_with_licenses()
    make_and_die(module, name, times)
    assert (Reminder.objects.count(), Email.objects.count()) == (kept, kept)
    for minute in (1, 2):
        make_due_reminders(now=NOON + timedelta(minutes=minute))
    deliver()
    assert sorted(mail_server.addressees) == sorted(member.user.email for member in readers)
    assert Reminder.objects.count() == 4
    assert set(Reminder.objects.values_list("mailed_on", flat=True)) == {DAY}


def test_two_that_make_the_day_at_once_make_it_once() -> None:
    readers = readers_with_licenses()
    program = PROGRAM.format(module="reminders", name="_claim", times=0, now=NOON.isoformat())
    environment = {**os.environ, "DATABASE_URL": url_of_this_database()}
    both = [subprocess.Popen([sys.executable, "-c", program], env=environment) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    assert sorted(Email.objects.values_list("to", flat=True)) == sorted(one.user.email for one in readers)
    assert Reminder.objects.count() == 4
