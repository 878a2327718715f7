"""A kind without a file: what a new bulk feature supplies, and what it gets from the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk import kinds
from muster.bulk.kinds import Judge, Kind, Row, Span
from muster.bulk.models import Item, Operation, OperationState
from muster.bulk.operations import start_selection
from muster.bulk.runner import run
from muster.producers.models import Producer
from tests.bulk.uploads import codes, make_desk, outcomes, process_checked
from tests.make import make_member, make_producer

pytestmark = pytest.mark.django_db


class UnwatchJudge(Judge):
    def judge(self, rows: Sequence[Row]) -> None:
        ids = [row.target_id for row in rows]
        firms = set(Producer.objects.filter(pk__in=ids, kind="firm").values_list("pk", flat=True))
        for row in rows:
            if row.target_id in firms:
                row.find("ROW-E001", field="Person")


class Unwatch(Kind):
    """Stops watching producers: what mass updates will look like."""

    name = "test-unwatch"
    label = "Stop watching"
    permission = Permission.SYNC
    chunk = 3

    def judge(self, operation: Operation) -> Judge:
        return UnwatchJudge()

    def apply(self, span: Span) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                WITH done AS (
                    UPDATE producers_producer AS producer SET is_watched = false FROM bulk_item AS item
                    WHERE item.operation_id = %(operation)s AND item.row_no BETWEEN %(first)s AND %(last)s
                      AND item.state IN ('ok', 'warned') AND producer.id = item.target_id
                      AND producer.organization_id = %(organization)s
                    RETURNING item.row_no
                )
                UPDATE bulk_item AS item SET state = 'applied', outcome = 'updated' FROM done
                WHERE item.operation_id = %(operation)s AND item.row_no = done.row_no
                """,
                span.params,
            )


@pytest.fixture
def unwatch(monkeypatch: pytest.MonkeyPatch) -> Unwatch:
    kind = Unwatch()
    monkeypatch.setitem(kinds._kinds, kind.name, kind)
    return kind


def test_a_selection_is_kept_as_it_was_when_it_was_made(unwatch: Unwatch) -> None:
    desk = make_desk()
    for number in range(7):
        make_producer(desk.organization, last_name=f"Alder{number}")
    make_producer(desk.organization, last_name="Cedar Agency", kind="firm")
    stranger = make_producer(make_member().organization)
    chosen = Producer.objects.visible_to(desk, Permission.SYNC).order_by("last_name", "id")
    operation = start_selection(
        operation_id=uuid4(), member=desk, kind=unwatch, selection=chosen, now=timezone.now(), defer=False
    )
    late = make_producer(desk.organization, last_name="Aaron")
    run(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.rows) == (OperationState.READY, 8)
    assert codes(operation) == [(8, "ROW-E001")]
    operation = process_checked(operation, desk)
    assert outcomes(operation) == dict.fromkeys(range(1, 8), "updated") | {8: "rejected"}
    assert set(Producer.objects.filter(is_watched=True).values_list("pk", flat=True)) == {
        late.pk,
        stranger.pk,
        Item.objects.get(operation=operation, row_no=8).target_id,
    }


def test_posting_a_selection_twice_starts_one_operation(unwatch: Unwatch) -> None:
    desk = make_desk()
    make_producer(desk.organization)
    told = {
        "operation_id": uuid4(),
        "member": desk,
        "kind": unwatch,
        "selection": Producer.objects.visible_to(desk, Permission.SYNC),
        "now": timezone.now(),
        "defer": False,
    }
    assert start_selection(**told).pk == start_selection(**told).pk
    assert Item.objects.filter(operation_id=told["operation_id"]).count() == 1
