"""Marking first business: the deadline begins, and what is asked for is submitted, if it may be."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.carriers.models import RuleOverride
from muster.core import acting
from muster.core.rules.book import rulebook
from muster.core.rules.dates import deadline
from muster.core.transactions import Status
from muster.transactions.models import Transaction
from muster.transactions.operations import CannotMark, Marked, mark_first_business
from tests.make import make_member, make_organization, make_producer, make_transaction
from tests.transactions.acting import demand, fresh

pytestmark = pytest.mark.django_db

NOON = timezone.make_aware(datetime.combine(date(2026, 11, 20), time(12)))
DAY = date(2026, 11, 16)


@pytest.fixture
def member() -> Membership:
    return make_member()


def mark(by: Membership, **over: Any) -> Marked:
    asked: dict[str, Any] = {"transactions": Transaction.objects.all(), "on": DAY, "now": NOON, **over}
    return mark_first_business(by=by, **asked)


def make_held(member: Membership, state: str = "VA", **over: Any) -> Transaction:
    return make_transaction(make_producer(member.organization), state, status="held", **over)


def test_the_deadline_is_that_of_the_state_counted_from_the_first_business(member: Membership) -> None:
    one = make_held(member)
    expected = deadline(rulebook(), "VA", one.categories, DAY)
    assert expected is not None
    assert mark(member) == Marked(transactions=1)
    now = fresh(one)
    assert (now.first_business_on, now.file_by, now.status) == (DAY, expected, "held")
    assert now.released_at is None


def test_a_deadline_that_nobody_has_told_stays_unknown(member: Membership) -> None:
    known, unknown = make_held(member), make_held(member, "GU")
    assert deadline(rulebook(), "GU", unknown.categories, DAY) is None
    assert mark(member) == Marked(transactions=2, undated=1)
    assert fresh(unknown).file_by is None
    assert fresh(known).file_by is not None


def test_an_organizations_own_number_of_days_counts(member: Membership) -> None:
    one = make_held(member)
    RuleOverride.objects.create(
        organization=member.organization,
        state="VA",
        topic="appointing",
        key="deadline_days",
        value=5,
        starts_on=date(2026, 1, 1),
        reason="As our counsel reads it",
        by=member.user,
    )
    mark(member)
    assert fresh(one).file_by == DAY + timedelta(days=5)


def test_a_day_that_was_wrong_is_put_right(member: Membership) -> None:
    one = make_held(member)
    mark(member)
    before = fresh(one).file_by
    mark(member, on=DAY + timedelta(days=1))
    assert fresh(one).file_by == before + timedelta(days=1)


def test_a_day_that_has_not_come_is_refused(member: Membership) -> None:
    one = make_held(member)
    with pytest.raises(CannotMark, match="has not come yet"):
        mark(member, on=timezone.localdate(NOON) + timedelta(days=1))
    assert fresh(one).first_business_on is None


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.HELD])
def test_only_what_is_held_is_marked(status: Status, member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), status=status)
    assert mark(member, submit=True) == Marked()
    assert (fresh(one).first_business_on, fresh(one).released_at) == (None, None)


def test_nothing_of_another_organization_is_marked(member: Membership) -> None:
    theirs = make_transaction(make_producer(make_organization()), status="held")
    assert mark(member) == Marked()
    assert fresh(theirs).first_business_on is None


@pytest.mark.parametrize("role", [Role.SUBMITTER, Role.VIEWER])
def test_who_does_not_prepare_filings_marks_nothing(role: Role, member: Membership) -> None:
    make_held(member)
    assert mark(make_member(member.organization, role)) == Marked()


def test_it_is_submitted_at_once_where_that_is_asked(member: Membership) -> None:
    one = make_held(member)
    assert mark(member, submit=True) == Marked(transactions=1, submitted=1)
    assert (fresh(one).released_by, fresh(one).status) == (member.user, "held")


def test_who_may_not_release_only_marks(member: Membership) -> None:
    one = make_held(member)
    by = make_member(member.organization, Role.SPECIALIST)
    told = mark(by, submit=True)
    assert told == Marked(transactions=1, kept_back=acting.NOT_PERMITTED)
    assert fresh(one).released_at is None


def test_who_prepared_it_only_marks_where_two_are_wanted(member: Membership) -> None:
    demand(member.organization, two_person_release=True)
    mine, theirs = make_held(member, prepared_by=member.user), make_held(member)
    told = mark(member, submit=True)
    assert told == Marked(transactions=2, submitted=1, kept_back=acting.PREPARED_IT)
    assert (fresh(mine).released_at is None, fresh(theirs).released_at is None) == (True, False)


@pytest.mark.parametrize(
    ("demands", "code"), [({"most_filings": 1}, acting.TOO_MANY), ({"most_fees": 1_999}, acting.TOO_COSTLY)]
)
def test_above_a_limit_nothing_is_submitted(demands: dict[str, int], code: str, member: Membership) -> None:
    demand(member.organization, **demands)
    for _ in range(2):
        make_held(member, state_fee=1_000, registry_fee=None)
    assert mark(member, submit=True) == Marked(transactions=2, kept_back=code)
    assert not Transaction.objects.filter(released_at__isnull=False).exists()


def test_it_is_on_record_who_said_so(member: Membership) -> None:
    one = make_held(member)
    mark(member)
    event = Event.objects.get(kind="filing:first-business")
    assert (event.by, event.subject) == (member.user, f"transaction:{one.number}")
    assert event.data == {"transactions": 1, "on": "2026-11-16"}
