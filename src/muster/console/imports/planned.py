"""What a file of ends comes to, before anything is filed: each appointment, its reason, its day, its fee."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.bulk.kinds import upload_kind_named
from muster.bulk.models import OperationState
from muster.console.imports.tiles import title_of
from muster.console.imports.views import row_number, upload_of
from muster.core.amounts import dollars
from muster.core.rules.reasons import termination_reasons
from muster.imports.terminate import TerminateUpload, planned_ends
from muster.producers.models import Producer
from muster.transactions.ending import Ends, Priced

REQUESTS = 25


@dataclass(frozen=True, slots=True)
class Planned:
    """One appointment that is to end, in words."""

    row_no: int
    producer: Producer
    priced: Priced
    reason: str
    fee: str


@require_safe
@needs(Permission.READ)
def planned(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """The ends of some requests, in the order of the file."""
    operation = upload_of(request, operation_id)
    if not isinstance(upload_kind_named(operation.kind), TerminateUpload):
        raise Http404
    if operation.state != OperationState.READY:
        return redirect("import-detail", operation_id)
    after = row_number(request.GET.get("after"))
    found = planned_ends(operation, after=after, limit=REQUESTS, today=timezone.localdate())
    context = {
        "operation": operation,
        "title": title_of(operation),
        "ends": _told(operation.organization_id, found),
        "after": after,
        "next_after": found[-1].asked.row_no if len(found) == REQUESTS else None,
    }
    return render(request, "imports/planned.html" if request.htmx else "imports/all_planned.html", context)


def _told(organization_id: int, found: list[Ends]) -> list[Planned]:
    producers = Producer.objects.filter(organization_id=organization_id).in_bulk(
        {ends.asked.producer_id for ends in found}
    )
    reasons = termination_reasons()
    return [
        Planned(
            ends.asked.row_no,
            producers[ends.asked.producer_id],
            one,
            reasons.get(one.ending.reason, one.ending.reason),
            _fee(one),
        )
        for ends in found
        for one in ends.priced
        if ends.asked.producer_id in producers
    ]


def _fee(one: Priced) -> str:
    if one.state_fee is None or one.registry_fee is None:
        return "unknown"
    return dollars(one.state_fee + one.registry_fee)
