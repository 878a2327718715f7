"""Who writes records says so: the registry's reports, an uploaded file, a bulk action on a selection."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk import kinds
from muster.bulk.kinds import Judge, Kind, Span
from muster.bulk.models import Item, ItemState, Operation, Outcome, Policy
from muster.bulk.operations import process, start_selection
from muster.bulk.runner import run
from muster.core.report import ProducerReport
from muster.history.models import Change
from muster.producers.models import Producer
from muster.registry.operations import claim
from muster.registry.storing import store_reports
from tests.make import make_agency, make_member, make_producer
from tests.registry.reports import HEALTH, LIFE, REPORT
from tests.registry.running import queue_all
from tests.web.import_makers import make_processed, row

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def member() -> Membership:
    return make_member()


def sync(member: Membership, report: ProducerReport, now: datetime = NOON) -> None:
    queue_all(member.organization, now=now)
    claims = claim(limit=100, now=now)
    assert store_reports(reports=[(one, report) for one in claims], now=now) == []


def told() -> list[tuple[str, str, str]]:
    """What is told, but for what Muster makes of it."""
    changes = Change.objects.exclude(source="muster")
    return sorted(changes.values_list("kind", "verb", "state"))


def test_a_first_report_is_no_change_and_the_same_again_is_none_either(member: Membership) -> None:
    make_producer(member.organization, npn="4711")
    sync(member, REPORT)
    sync(member, REPORT, NOON + timedelta(days=1))
    assert told() == []


def test_what_the_next_report_says_otherwise_is_told_with_its_source_and_day(member: Membership) -> None:
    make_producer(member.organization, npn="4711")
    sync(member, REPORT)
    _oklahoma, texas = REPORT.licenses
    later = NOON + timedelta(days=30)
    sync(
        member,
        REPORT._replace(
            last_name="Pike",
            licenses=(
                texas._replace(
                    expires_on=date(2028, 2, 29), lines=(LIFE, HEALTH._replace(code="3", name="Casualty"))
                ),
            ),
            appointments=REPORT.appointments[1:],
            contacts=(REPORT.contacts[0]._replace(value="new@example.com"), REPORT.contacts[1]),
        ),
        later,
    )
    assert told() == [
        ("appointment", "gone", "TX"),
        ("contact", "changed", "TX"),
        ("license", "changed", "TX"),
        ("license", "gone", "OK"),
        ("line", "added", "TX"),
        ("line", "gone", "OK"),
        ("line", "gone", "TX"),
        ("producer", "changed", ""),
    ]
    written = Change.objects.exclude(source="muster")
    assert set(written.values_list("source", "at", "by_id", "operation_id")) == {
        ("registry", later, None, None)
    }
    license = Change.objects.get(kind="license", verb="changed")
    assert (license.old, license.new) == ({"expires_on": "2026-02-28"}, {"expires_on": "2028-02-29"})
    sync(member, REPORT, later + timedelta(days=1))
    assert ("license", "back", "OK") in told()


def test_what_a_file_changes_is_told_with_the_person_and_the_operation(member: Membership) -> None:
    first, second = (make_agency(member.organization) for _ in range(2))
    make_producer(member.organization, npn="1001", agency=first, synced_at=NOON)
    operation = make_processed(member, [row(1001, agency=second.npn)])
    changes = list(Change.objects.filter(kind="producer"))
    assert changes
    assert {(one.source, one.by_id, one.operation_id) for one in changes} == {
        ("file", member.user_id, operation.pk)
    }


class EverybodyGood(Judge):
    def judge(self, rows: Any) -> None:
        for one in rows:
            one.key = str(one.target_id)


class Unwatch(Kind):
    """A bulk action on a selection, for this test only."""

    name: ClassVar[str] = "unwatch-for-a-test"
    label = "Unwatch"
    permission = Permission.IMPORT

    def judge(self, operation: Operation) -> Judge:
        return EverybodyGood()

    def apply(self, span: Span) -> None:
        items = Item.objects.filter(operation=span.operation, row_no__gte=span.first, row_no__lte=span.last)
        Producer.objects.filter(pk__in=items.values("target_id")).update(is_watched=False)
        items.update(state=ItemState.APPLIED, outcome=Outcome.UPDATED)


def test_what_a_bulk_action_on_a_selection_changes_is_a_persons(
    member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = Unwatch()
    monkeypatch.setitem(kinds._kinds, kind.name, kind)
    for _ in range(3):
        make_producer(member.organization, synced_at=NOON)
    operation = start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind,
        selection=Producer.objects.visible_to(member, Permission.IMPORT),
        now=NOON,
        defer=False,
    )
    run(operation.pk)
    operation.refresh_from_db()
    process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=NOON, defer=False)
    run(operation.pk)
    assert set(Change.objects.values_list("verb", "source", "by_id", "operation_id")) == {
        ("changed", "person", member.user_id, operation.pk)
    }
    assert Change.objects.count() == 3
