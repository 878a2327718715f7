"""The confirm page of removing producers: what is open of them, and whether that is ended first."""

from __future__ import annotations

from typing import Any

from muster.access.gate import StaffRequest
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import CannotStart
from muster.console.operations.links import link_of
from muster.console.operations.reads import split_of
from muster.console.operations.starting import kind_for, process, start
from muster.notices.completion import TOLD_ON_PAGE
from muster.offboarding.queries import Sum, appointments_to_end, leaving_in
from muster.offboarding.removing import AT_ONCE, ENDED, WHEN, RemoveProducers
from muster.transactions.actions.endings import TerminateAppointments


def removing_context(operation: Operation, member: Membership) -> dict[str, Any]:
    """What the page of a removal shows beside what every action does."""
    if operation.state == OperationState.READY:
        return {
            "removal": Sum(**operation.source_facts.get("open", {})),
            "when_ended": ENDED,
            "when_now": AT_ONCE,
        }
    waiting = leaving_in(operation.pk, operation.organization_id).count()
    if not waiting:
        return {}
    return {
        "waiting": waiting,
        "to_end": _to_end(operation, member).count(),
        "may_prepare": member.may(Permission.PREPARE_FILINGS),
    }


def do(request: StaffRequest, operation: Operation, kind: RemoveProducers) -> None:
    """Remove them, or have them wait for the end of their appointments, as the form says."""
    when = ENDED if request.POST.get(WHEN) == ENDED else AT_ONCE
    if operation.state == OperationState.READY and not split_of(operation, kind).will:
        raise CannotStart("There is nobody to remove: see below why.")
    process(request, operation, params={WHEN: when})


def terminate_first(request: StaffRequest, operation: Operation) -> Operation:
    """Begin to end the appointments of those who wait since this removal."""
    kind = kind_for(request, TerminateAppointments.name, "appointment")
    link = link_of(operation)
    return start(
        request,
        kind,
        _to_end(operation, request.member).order_by("id"),
        told=f"before the removal {operation.pk}",
        back=link.url if link else "",
        few=bool(operation.params.get(TOLD_ON_PAGE)),
    )


def _to_end(operation: Operation, member: Membership) -> Any:
    waiting = leaving_in(operation.pk, operation.organization_id)
    return appointments_to_end(member, waiting.values("producer"))
