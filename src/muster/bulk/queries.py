"""Reading operations: progress, what was found, what became of each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F

from muster.access.models import Membership
from muster.bulk.models import Finding, Item, Operation, OperationState
from muster.bulk.states import UNDER_WAY
from muster.core.findings import sentence


def starter_of(operation: Operation) -> Membership | None:
    """The place in the organization of who started the operation; None where nobody did, or has none."""
    if operation.by_id is None:
        return None
    of = Membership.objects.filter(organization_id=operation.organization_id, user_id=operation.by_id)
    return of.first()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation is. `percent` is None where the whole is not known."""

    state: OperationState
    done: int
    total: int | None
    percent: int | None
    moves: bool


def progress(operation: Operation) -> Progress:
    """How far it is, from the operation's own row alone: cheap enough to be asked every second."""
    percent = min(99, operation.done * 100 // operation.total) if operation.total else None
    state = OperationState(operation.state)
    return Progress(state, operation.done, operation.total, percent, moves=state in UNDER_WAY)


def findings_of(operation: Operation) -> Iterator[Finding]:
    """Every finding, those about the file and its columns first, then in the order of rows; streamed."""
    findings = Finding.objects.filter(operation=operation)
    return findings.order_by(F("row_no").asc(nulls_first=True), "id").iterator(chunk_size=2_000)


def count_findings(operation: Operation) -> dict[str, int]:
    """How many findings there are, by severity."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT severity, count(*) FROM bulk_finding WHERE operation_id = %s GROUP BY severity",
            [operation.pk],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Touch:
    """That a row of an operation was about something, and what became of it."""

    operation: Operation
    row_no: int
    outcome: str
    at: datetime


def operations_that_touched(
    *, organization_id: int, target_id: int, kinds: Sequence[str], limit: int = 20
) -> list[Touch]:
    """The operations of these kinds that created, changed or confirmed a target, newest first."""
    items = (
        Item.objects.filter(
            target_id=target_id, operation__organization_id=organization_id, operation__kind__in=kinds
        )
        .select_related("operation", "operation__by")
        .order_by("-operation__created_at", "row_no")[:limit]
    )
    return [
        Touch(
            item.operation,
            item.row_no,
            item.outcome or "",
            item.operation.finished_at or item.operation.started_at or item.operation.created_at,
        )
        for item in items
    ]


def reasons_by_row(operation: Operation, *, first: int, last: int) -> dict[int, list[str]]:
    """The sentences of every error and warning about the rows from `first` to `last`, by row number."""
    found = Finding.objects.filter(operation=operation, row_no__range=(first, last))
    told = found.exclude(severity="info").order_by("row_no", "id")
    reasons: dict[int, list[str]] = {}
    for row_no, code, field, value, params in told.values_list("row_no", "code", "field", "value", "params"):
        reasons.setdefault(row_no or 0, []).append(sentence(code, field=field, value=value, params=params))
    return reasons
