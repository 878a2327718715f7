"""Operations: how far one is, and what became of each of its rows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Count
from django.http import Http404
from django.urls import reverse
from ninja import Field, Query, Router, Schema

from muster.access.permissions import Permission
from muster.api.access import ApiRequest, Token
from muster.api.problems import answers
from muster.api.results import Result, results_of
from muster.api.values import Told
from muster.bulk.models import Finding, Operation, OperationState
from muster.core.findings import CATALOGUE
from muster.transactions.queries import visible_transactions

router = Router(tags=["operations"])

ENDED = (
    OperationState.DONE,
    OperationState.DONE_WITH_FAILURES,
    OperationState.CANCELED,
    OperationState.BLOCKED,
    OperationState.STALLED,
)
"""An operation in one of these does not go on by itself."""

PAGE, MOST = 100, 500


class Counts(Schema):
    """How many rows there are, how many were blank, and how far the phase that runs has come."""

    rows: int
    blank: int
    done: int
    total: int | None


class FindingCount(Schema):
    """How often one thing was found."""

    code: str
    severity: str
    title: str
    count: int


class OperationOut(Schema):
    """A bulk action. `done` says that it does not go on by itself: nothing more is to be waited for."""

    id: UUID
    kind: str
    state: str
    state_label: str
    done: bool
    url: str
    results_url: str
    requested_at: datetime
    finished_at: datetime | None
    counts: Counts
    outcomes: dict[str, int]
    findings: list[FindingCount]
    transactions: dict[str, int]


class ResultsQuery(Told):
    """Which rows: those after a row number, and how many."""

    after: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST)] = PAGE


class Results(Schema):
    """A page of rows. `next` is the `after` of the next page; null on the last.

    `purged`: the rows were deleted after their retention time.
    """

    results: list[Result]
    next: int | None
    purged: bool


@router.get(
    "/{uuid:operation_id}",
    response=answers(200, OperationOut, 404),
    auth=Token(Permission.READ),
    url_name="operation",
    operation_id="get_operation",
    summary="How far an operation is",
)
def operation(request: ApiRequest, operation_id: UUID) -> OperationOut:
    """How far an operation is, what was found, and its transactions by status. Cheap: ask once a second."""
    return told(operation_of(request, operation_id), request)


@router.get(
    "/{uuid:operation_id}/results",
    response=answers(200, Results, 404),
    auth=Token(Permission.READ),
    url_name="operation-results",
    operation_id="list_results",
    summary="What became of each row",
)
def results(request: ApiRequest, operation_id: UUID, asked: Query[ResultsQuery]) -> Results:
    """What became of each row, in their order: outcome, sentence, findings and transactions."""
    found = operation_of(request, operation_id)
    rows = results_of(found, request.auth, after=asked.after, limit=asked.limit + 1)
    more = len(rows) > asked.limit
    shown = rows[: asked.limit]
    return Results(results=shown, next=shown[-1].row if more else None, purged=found.rows_purged)


def operation_of(request: ApiRequest, operation_id: UUID) -> Operation:
    """An operation of the member's organization. Raises Http404."""
    mine = Operation.objects.visible_to(request.auth, Permission.READ)
    found: Operation | None = mine.filter(pk=operation_id).first()
    if found is None:
        raise Http404
    return found


def told(operation: Operation, request: ApiRequest) -> OperationOut:
    """An operation as it is told; three queries with the one that read it."""
    return OperationOut(
        id=operation.pk,
        kind=operation.kind,
        state=operation.state,
        state_label=operation.get_state_display(),
        done=operation.state in ENDED,
        url=reverse("api:operation", args=[operation.pk]),
        results_url=reverse("api:operation-results", args=[operation.pk]),
        requested_at=operation.created_at,
        finished_at=operation.finished_at,
        counts=Counts(rows=operation.rows, blank=operation.blank, done=operation.done, total=operation.total),
        outcomes=operation.outcomes,
        findings=list(_findings(operation)),
        transactions=_transactions(operation, request),
    )


def _findings(operation: Operation) -> Any:
    found = Finding.objects.filter(operation=operation).values_list("code", "severity")
    for code, severity, count in found.annotate(count=Count("id")).order_by("severity", "-count", "code"):
        title = CATALOGUE[code].title if code in CATALOGUE else code
        yield FindingCount(code=code, severity=severity, title=title, count=count)


def _transactions(operation: Operation, request: ApiRequest) -> dict[str, int]:
    made = visible_transactions(request.auth).filter(batch__operation_id=operation.pk)
    return dict(made.order_by("status").values_list("status").annotate(count=Count("pk")))
