"""A worker that is killed loses no mail, and a twin of a mail that it sent is known by its Message-ID."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.db.models.functions import Now

from muster.notices.delivery import deliver
from muster.notices.models import Email
from muster.notices.moves import LOST_AFTER, sweep
from muster.notices.operations import queue_email
from tests.notices.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)

MAILS = 5


def url_of_this_database() -> str:
    """The test's own database, as DATABASE_URL names it."""
    found = {name: quote(str(value), safe="") for name, value in connection.get_connection_params().items()}
    place = "&".join(f"{name}={found[name]}" for name in ("password", "host", "port") if name in found)
    return f"postgresql://{found['user']}@/{found['dbname']}?{place}"


class Worker:
    """A real worker process, on the test's database and mail server."""

    def __init__(self, server: MailServer, *, concurrency: int = 1) -> None:
        options = ["--queues", "interactive", "--concurrency", str(concurrency)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "muster.cli", "worker", *options],
            env={
                **os.environ,
                "DATABASE_URL": url_of_this_database(),
                "MUSTER_SMTP_HOST": server.hostname,
                "MUSTER_SMTP_PORT": str(server.port),
                "MUSTER_SMTP_CONNECTIONS": "1",
                "MUSTER_LOG_LEVEL": "ERROR",
            },
        )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    """Workers started by the test; none outlives it."""
    started: list[Worker] = []
    yield started
    for worker in started:
        worker.kill()


def queue_some(mails: int = MAILS) -> None:
    for number in range(mails):
        queue_email(
            organization_id=None,
            kind="test",
            to=f"person{number}@harbor.example",
            subject="Hello",
            text="Hello",
        )


def let_time_pass() -> None:
    long_ago = Now() - LOST_AFTER - timedelta(seconds=1)
    Email.objects.filter(state="sending").update(claimed_at=long_ago)
    Email.objects.filter(state="sending", begun_at__isnull=False).update(begun_at=long_ago)


def wait_until_all_are_sent() -> None:
    while Email.objects.exclude(state="sent").exists():
        time.sleep(0.05)


def test_a_worker_delivers_all_and_stops_when_it_is_asked_to(
    mail_server: MailServer, workers: list[Worker]
) -> None:
    queue_some()
    workers.append(Worker(mail_server))
    wait_until_all_are_sent()
    workers[0].process.send_signal(signal.SIGTERM)
    assert workers[0].process.wait() == 0
    assert sorted(mail_server.addressees) == [f"person{n}@harbor.example" for n in range(MAILS)]
    assert set(Email.objects.values_list("state", flat=True)) == {"sent"}


def test_a_worker_killed_before_the_server_took_the_mail_loses_none_and_doubles_none(
    mail_server: MailServer, workers: list[Worker]
) -> None:
    def kill_at_the_third(_: str) -> None:
        if len(mail_server.taken) == 2 and workers[0].process.poll() is None:
            workers[0].kill()

    mail_server.on_recipient = kill_at_the_third
    queue_some()
    workers.append(Worker(mail_server))
    workers[0].process.wait()
    assert workers[0].process.returncode == -signal.SIGKILL
    assert sorted(Email.objects.values_list("state", flat=True)) == [
        "sending",
        "sending",
        "sending",
        "sent",
        "sent",
    ]
    sweep()
    assert Email.objects.filter(state="sending").count() == 3, "it may still be at work"
    let_time_pass()
    sweep()
    deliver()
    assert sorted(mail_server.addressees) == [f"person{n}@harbor.example" for n in range(MAILS)]
    assert set(Email.objects.values_list("state", flat=True)) == {"sent"}


def test_a_worker_killed_between_the_servers_yes_and_the_record_sends_a_twin_of_the_same_message_id(
    mail_server: MailServer, workers: list[Worker]
) -> None:
    class KilledAfterTaking(list[Any]):
        def append(self, mail: Any) -> None:
            super().append(mail)
            if len(self) == 3:
                workers[0].kill()

    mail_server.taken = KilledAfterTaking()
    queue_some()
    workers.append(Worker(mail_server))
    workers[0].process.wait()
    let_time_pass()
    sweep()
    deliver()
    ids = [mail["Message-ID"] for mail in mail_server.taken]
    assert len(ids) == MAILS + 1
    assert ids[2] in ids[3:]
    assert set(ids) == set(Email.objects.filter(state="sent").values_list("message_id", flat=True))
    assert len(set(ids)) == MAILS
    twins = [mail for mail in mail_server.taken if mail["Message-ID"] == ids[2]]
    assert twins[0].items() == twins[1].items()


def test_a_worker_killed_at_full_speed_loses_none_and_doubles_at_most_eight(
    mail_server: MailServer, workers: list[Worker]
) -> None:
    mails, kill_at, at_most = 600, 503, 8

    class KilledAtSpeed(list[Any]):
        def append(self, mail: Any) -> None:
            super().append(mail)
            if len(self) == kill_at:
                workers[0].kill()

    mail_server.taken = KilledAtSpeed()
    queue_some(mails)
    workers.append(Worker(mail_server))
    workers[0].process.wait()
    let_time_pass()
    sweep()
    deliver()
    ids = [mail["Message-ID"] for mail in mail_server.taken]
    assert set(Email.objects.values_list("state", flat=True)) == {"sent"}
    assert set(ids) == set(Email.objects.values_list("message_id", flat=True))
    assert 1 <= len(ids) - mails <= at_most


def test_workers_killed_again_and_again_lose_no_mail(mail_server: MailServer, workers: list[Worker]) -> None:
    mails, at_once, kills = 60, 4, [10, 25, 40]

    class KilledOften(list[Any]):
        def append(self, mail: Any) -> None:
            super().append(mail)
            if kills and len(self) >= kills[0]:
                kills.pop(0)
                workers[-1].kill()

    mail_server.taken = KilledOften()
    queue_some(mails)
    for _ in range(3):
        workers.append(Worker(mail_server, concurrency=at_once))
        workers[-1].process.wait()
        let_time_pass()
        sweep()
    workers.append(Worker(mail_server, concurrency=at_once))
    wait_until_all_are_sent()
    assert kills == []
    assert set(mail_server.addressees) == {f"person{n}@harbor.example" for n in range(mails)}
    assert len(mail_server.taken) <= mails + 3 * at_once, (
        "a killed worker leaves no more in doubt than it had"
    )
    assert len({mail["Message-ID"] for mail in mail_server.taken}) == mails
