"""A renewal that the registry takes back: the reminder that it closed is open again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from muster.access.models import Membership
from muster.licenses.models import License
from muster.notices.models import Email, Reminder
from muster.notices.queries import reminders_of
from muster.notices.reminders import make_due_reminders, mark_done
from tests.make import make_license, make_member, make_producer

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)


@pytest.fixture
def member() -> Membership:
    return make_member()


def morning(number: int) -> int:
    """Make the reminders so many days later; return how many were made."""
    return make_due_reminders(now=datetime(2026, 11, 20, 17, tzinfo=UTC) + timedelta(number))


def renewed_and_taken_back(member: Membership, *, back_on: int, seen_to: bool = False) -> None:
    """A reminder of 30 days, a renewal the day after, and the old date back some days later."""
    license = make_license(make_producer(member.organization), expires_on=DAY + timedelta(30))
    assert morning(0) == 1
    if seen_to:
        mark_done(by=member, reminders=Reminder.objects.all(), now=datetime(2026, 11, 20, 18, tzinfo=UTC))
    License.objects.filter(pk=license.pk).update(expires_on=DAY + timedelta(730))
    morning(1)
    assert not reminders_of(member).exists()
    License.objects.filter(pk=license.pk).update(expires_on=license.expires_on)
    morning(back_on)


def test_a_reminder_is_open_again_once_the_old_date_is_back(member: Membership) -> None:
    renewed_and_taken_back(member, back_on=5)
    assert [one.days for one in reminders_of(member)] == [30]
    assert Reminder.objects.count() == 1
    # It was told of by mail when it was made.
    assert Email.objects.count() == 1


def test_the_nearer_one_that_is_due_by_then_takes_its_place(member: Membership) -> None:
    renewed_and_taken_back(member, back_on=20)
    assert [one.days for one in reminders_of(member)] == [14]


def test_one_that_a_nearer_one_closed_stays_closed(member: Membership) -> None:
    renewed_and_taken_back(member, back_on=20)
    morning(21)
    assert [one.days for one in reminders_of(member)] == [14]


def test_one_that_was_seen_to_stays_so(member: Membership) -> None:
    renewed_and_taken_back(member, back_on=5, seen_to=True)
    assert not reminders_of(member).exists()


def test_a_date_long_past_reopens_nothing(member: Membership) -> None:
    renewed_and_taken_back(member, back_on=30 + 366)
    assert not reminders_of(member).exists()
