"""Asking the registry again about producers that a list selects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Operation, Outcome
from muster.bulk.queries import starter_of
from muster.bulk.store import add_findings
from muster.core.acting import GONE, NOT_PERMITTED
from muster.core.findings import finding
from muster.producers.models import Producer, SyncStatus
from muster.registry.operations import resync

CHOSEN = """
SELECT target_id FROM bulk_item
WHERE operation_id = %s AND state IN ('ok', 'warned') AND row_no BETWEEN %s AND %s
"""
REFUSED = """
UPDATE bulk_item SET state = 'rejected', outcome = 'rejected'
WHERE operation_id = %s AND state IN ('ok', 'warned') AND row_no BETWEEN %s AND %s
RETURNING row_no
"""
DONE = """
UPDATE bulk_item AS item
SET state = 'applied', outcome = CASE WHEN item.target_id = ANY(%s) THEN 'updated' ELSE 'unchanged' END
WHERE item.operation_id = %s AND item.state IN ('ok', 'warned') AND item.row_no BETWEEN %s AND %s
"""


class ResyncProducers(SelectionKind):
    """Asks the registry again about producers; those that are asked about this moment are left alone."""

    name = "resync-producers"
    label = "Resync producers"
    permission = Permission.SYNC
    target = "producer"
    one = "producer"
    many = "producers"
    verb = "Resync"
    done = "queued for a sync"
    note = "The registry is asked again about each of them. Their records follow as the answers come."
    not_allowed = frozenset({NOT_PERMITTED})

    def judge(self, operation: Operation) -> Judge:
        return _Judge(operation)

    def preview(self, operation: Operation) -> dict[str, int]:
        return {Outcome.UPDATED.value: operation.rows}

    def apply(self, span: Span) -> None:
        operation = span.operation
        where: list[Any] = [operation.pk, span.first, span.last]
        with connection.cursor() as cursor:
            cursor.execute(CHOSEN, where)
            ids = [target for (target,) in cursor.fetchall()]
            member = starter_of(operation)
            if member is None or not member.may(self.permission):
                cursor.execute(REFUSED, where)
                add_findings(
                    operation.pk, [finding(NOT_PERMITTED, row=row_no) for (row_no,) in cursor.fetchall()]
                )
                return
            chosen = Producer.objects.filter(
                organization_id=operation.organization_id, pk__in=ids, removed_at=None
            )
            # Locked before they are looked at: what is told to be queued is what is queued.
            locked = chosen.order_by("pk").select_for_update(no_key=True).values_list("pk", "sync_status")
            queued = [pk for pk, status in locked if status != SyncStatus.PROCESSING]
            resync(member=member, producers=chosen, now=timezone.now())
            cursor.execute(DONE, [queued, *where])


class _Judge(Judge):
    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        member = starter_of(operation)
        self._may = member is not None and member.may(Permission.SYNC)

    def judge(self, rows: Sequence[Row]) -> None:
        ids = [row.target_id for row in rows if row.target_id is not None]
        kept = Producer.objects.filter(
            organization_id=self._operation.organization_id, pk__in=ids, removed_at=None
        )
        there = set(kept.values_list("pk", flat=True))
        for row in rows:
            if row.target_id not in there:
                row.find(GONE)
            elif not self._may:
                row.find(NOT_PERMITTED)
