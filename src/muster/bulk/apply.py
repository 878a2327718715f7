"""Processing: the good items are written a chunk at a time; a chunk that the database refuses is halved."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import partial

from django.db import DataError, IntegrityError, connection, transaction

from muster.bulk.check import beat
from muster.bulk.deadlocks import again_after_deadlock
from muster.bulk.kinds import Kind, Span, UploadKind
from muster.bulk.models import Item, ItemState, Operation, Outcome, Policy
from muster.bulk.states import GOOD
from muster.bulk.store import add_findings
from muster.core.findings import finding
from muster.history.context import changing
from muster.history.models import Source

TRIES = 6

SOURCE = "source"
"""The parameter of an operation that says where its changes come from."""

NEXT_SPAN = """
SELECT min(row_no), max(row_no), count(*) FROM (
    SELECT row_no FROM bulk_item
    WHERE operation_id = %s AND row_no > %s AND state IN ('ok', 'warned')
    ORDER BY row_no LIMIT %s
) AS chunk
"""
MIDDLE = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY row_no) FROM bulk_item
WHERE operation_id = %s AND row_no BETWEEN %s AND %s AND state IN ('ok', 'warned')
"""


class NothingWritten(Exception):
    """Under *all or nothing* some row could not be written, so none was."""

    def __init__(self, refused: dict[int, str]) -> None:
        super().__init__(len(refused))
        self.refused = refused


def apply(operation: Operation, kind: Kind) -> None:
    """Write all good items that are not written yet. Raises Canceled and NothingWritten."""
    if operation.policy == Policy.ALL_OR_NOTHING:
        _apply_all_or_nothing(operation, kind)
        return
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(NEXT_SPAN, [operation.pk, last, kind.chunk])
            first, last, count = cursor.fetchone()
        if not count:
            return
        again_after_deadlock(partial(_apply_chunk, Span(operation, first, last), kind, count), tries=TRIES)


def _apply_chunk(span: Span, kind: Kind, count: int) -> None:
    refused: dict[int, str] = {}
    with transaction.atomic():
        _write(span, kind, refused)
        _refuse(span.operation, refused)
        beat(span.operation, done=count)


def _apply_all_or_nothing(operation: Operation, kind: Kind) -> None:
    rows = (
        Item.objects.filter(operation=operation, state__in=GOOD)
        .order_by("row_no")
        .values_list("row_no", flat=True)
    )
    first, last = rows.first(), rows.last()
    if first is None or last is None:
        return
    try:
        again_after_deadlock(
            partial(_apply_whole, Span(operation, first, last), kind, rows.count()), tries=TRIES
        )
    except NothingWritten as nothing:
        with transaction.atomic():
            _refuse(operation, nothing.refused)
        raise


def _apply_whole(span: Span, kind: Kind, count: int) -> None:
    refused: dict[int, str] = {}
    with transaction.atomic():
        _write(span, kind, refused)
        if refused:
            raise NothingWritten(refused)
        beat(span.operation, done=count)


def _write(span: Span, kind: Kind, refused: dict[int, str]) -> None:
    """Write a span; where the database refuses it, write its halves, until each bad row stands alone."""
    try:
        with transaction.atomic(), _told(span.operation, kind):
            kind.apply(span)
            return
    except (IntegrityError, DataError) as error:
        if span.first == span.last:
            refused[span.first] = _constraint(error)
            return
    with connection.cursor() as cursor:
        cursor.execute(MIDDLE, [span.operation.pk, span.first, span.last])
        (middle,) = cursor.fetchone()
    # The median of two rows is the first: both halves are smaller than the whole.
    middle = min(middle, span.last - 1)
    _write(Span(span.operation, span.first, middle), kind, refused)
    _write(Span(span.operation, middle + 1, span.last), kind, refused)


def _told(operation: Operation, kind: Kind) -> AbstractContextManager[None]:
    # Rows come from a file unless whoever started the operation has said otherwise.
    usual = Source.FILE if isinstance(kind, UploadKind) else Source.PERSON
    told = operation.params.get(SOURCE)
    source = Source(told) if told in Source.values else usual
    return changing(source=source, by_id=operation.by_id, operation_id=operation.pk)


def _refuse(operation: Operation, refused: dict[int, str]) -> None:
    if not refused:
        return
    Item.objects.filter(operation=operation, row_no__in=list(refused)).update(
        state=ItemState.FAILED_FINAL, outcome=Outcome.REJECTED
    )
    add_findings(
        operation.pk,
        [finding("ROW-E901", row=row_no, constraint=name) for row_no, name in sorted(refused.items())],
    )


def _constraint(error: Exception) -> str:
    diagnosis = getattr(error.__cause__, "diag", None)
    return (
        getattr(diagnosis, "constraint_name", None)
        or getattr(diagnosis, "message_primary", None)
        or "unknown"
    )[:200]
