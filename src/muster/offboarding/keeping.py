"""Calling removals off that wait: the producers stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Item, Operation, Outcome
from muster.bulk.states import GOOD
from muster.core.acting import GONE, NOT_PERMITTED
from muster.offboarding.catalogue import DOES_NOT_WAIT
from muster.offboarding.operations import call_off
from muster.offboarding.queries import Standing, standings_of
from muster.transactions.actions.items import mark_done, refuse, terms_of
from muster.transactions.facts import lock_producers


class CallOffRemovals(SelectionKind):
    """Has producers stay who wait to be removed."""

    name = "call-off-removals"
    label = "Call removals off"
    permission = Permission.REMOVE_PRODUCERS
    target = "producer"
    one = "producer"
    many = "producers"
    chunk = 2_000
    verb = "Keep"
    done = "kept"
    note = "They wait no longer to be removed, and stay. Terminations that are under way go on."
    not_allowed = frozenset({NOT_PERMITTED})

    def judge(self, operation: Operation) -> Judge:
        return _Judge(operation, self.permission)

    def preview(self, operation: Operation) -> dict[str, int]:
        return {Outcome.UPDATED.value: Item.objects.filter(operation=operation, state__in=GOOD).count()}

    def apply(self, span: Span) -> None:
        operation = span.operation
        items = Item.objects.filter(
            operation=operation, row_no__range=(span.first, span.last), state__in=GOOD
        )
        rows = [
            Row(row_no, [], {}, target_id=target)
            for row_no, target in items.order_by("row_no").values_list("row_no", "target_id")
        ]
        ids = sorted({row.target_id for row in rows if row.target_id is not None})
        lock_producers(ids)
        _judge(
            rows, standings_of(operation.organization_id, ids), may=terms_of(operation, self.permission).may
        )
        refuse(operation, [found for row in rows for found in row.findings])
        good = {row.target_id: row.row_no for row in rows if not row.findings and row.target_id is not None}
        call_off(
            organization_id=operation.organization_id,
            producer_ids=good,
            by_id=operation.by_id,
            operation_id=operation.pk,
        )
        if good:
            mark_done(operation, list(good.values()))


class _Judge(Judge):
    """Judges producers by whether they wait to be removed."""

    def __init__(self, operation: Operation, permission: Permission) -> None:
        self._organization_id = operation.organization_id
        self._may = terms_of(operation, permission).may

    def judge(self, rows: Sequence[Row]) -> None:
        ids = [row.target_id for row in rows if row.target_id is not None]
        _judge(rows, standings_of(self._organization_id, ids), may=self._may)


def _judge(rows: Sequence[Row], standings: Mapping[int, Standing], *, may: bool) -> None:
    for row in rows:
        standing: Any = standings.get(row.target_id or 0)
        if not may:
            row.find(NOT_PERMITTED)
        elif standing is None:
            row.find(GONE)
        elif standing.is_removed or not standing.is_leaving:
            row.find(DOES_NOT_WAIT)
