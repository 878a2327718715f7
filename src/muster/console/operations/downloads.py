"""What became of each item of an action, as a file."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.bulk.kinds import SelectionKind
from muster.bulk.models import Operation
from muster.bulk.states import UNDER_WAY
from muster.console.imports.downloads import blocks
from muster.console.operations.reads import action_of, items_of
from muster.console.operations.standing import labels
from muster.console.operations.targets import TARGETS
from muster.core.writing import csv_lines

PAGE = 2_000


@require_safe
@needs(Permission.READ)
def results(request: StaffRequest, operation_id: UUID) -> StreamingHttpResponse:
    """Each item with what it is about, the outcome and the reason; on record before the first is read."""
    operation, kind = action_of(request, operation_id)
    if operation.state in UNDER_WAY:
        raise Http404
    record(
        EventKind.RESULTS_DOWNLOADED,
        organization_id=operation.organization_id,
        by_id=request.member.user_id,
        operation_id=operation.pk,
        subject=f"operation:{operation.pk}",
        data={"kind": operation.kind},
    )
    rows = _rows(operation, kind, request.member)
    response = StreamingHttpResponse(blocks(csv_lines(rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{operation.kind}-results.csv"
    )
    response["Cache-Control"] = "no-store"
    return response


def _rows(operation: Operation, kind: SelectionKind, member: Membership) -> Iterator[list[object]]:
    """A page at a time, so that memory stays flat and nothing is held open while a reader is slow."""
    columns = TARGETS[kind.target].columns
    yield [*columns, "Outcome", "Reason"]
    called = labels(operation, kind)
    after: int | None = 0
    while after is not None:
        page = items_of(operation, kind, member, after=after, size=PAGE)
        for item in page.items:
            cells = item.thing.cells(columns) if item.thing else [""] * len(columns)
            told = " ".join([*item.reasons, *filter(None, [item.said])])
            yield [*cells, called[item.group], told]
        after = page.after
