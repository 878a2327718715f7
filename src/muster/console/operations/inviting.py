"""The confirm page of inviting to a portal: which one, and how many seats are left there."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils import timezone

from muster.access.gate import StaffRequest
from muster.bulk import operations
from muster.bulk.models import Operation, OperationState, Outcome
from muster.bulk.operations import CannotStart
from muster.console.operations.reads import split_of
from muster.console.operations.starting import carry_on, process
from muster.core.inviting import Result
from muster.notices.completion import TOLD_ON_PAGE
from muster.portals.inviting import OUTCOMES, PORTAL, InviteToPortal, portal_of
from muster.portals.models import Portal
from muster.portals.queries import open_portals, seats_taken


class Forecast(NamedTuple):
    """What of the good items will become what, and how many seats are left now."""

    counts: list[tuple[str, int]]
    left: int
    seats: int


def inviting_context(operation: Operation) -> dict[str, Any]:
    """What the page of an invitation shows beside what every action does."""
    if operation.state != OperationState.READY:
        return {"invited_to": portal_of(operation)}
    portal = portal_of(operation)
    return {
        "invites": True,
        "portals": list(open_portals(operation.organization_id)),
        "portal": portal,
        "undecided": portal is None,
        "forecast_of_seats": _forecast(operation, portal) if portal else None,
    }


def _forecast(operation: Operation, portal: Portal) -> Forecast:
    counts = [
        (result.value, count)
        for result in (Result.INVITED, Result.AGAIN, Result.REGISTERED)
        if (count := operation.preview.get(Outcome(OUTCOMES[result]).value, 0))
    ]
    return Forecast(counts, max(0, portal.seats - seats_taken(portal.pk)), portal.seats)


def do(request: StaffRequest, operation: Operation, kind: InviteToPortal) -> None:
    """Invite to the portal of the form; where another was checked, check with that one first."""
    told = request.POST.get(PORTAL, "")
    if operation.state == OperationState.READY:
        if not told.isascii() or not told.isdecimal():
            raise CannotStart("Choose the portal, then press Save.")
        portal = portal_of(operation)
        if portal is None or told != str(portal.pk) or "look" in request.POST:
            _check(request, operation, told)
            return
        if not split_of(operation, kind).will:
            raise CannotStart("There is nobody to invite: see below why.")
    process(request, operation, params={PORTAL: told})


def _check(request: StaffRequest, operation: Operation, told: str) -> None:
    few = bool(operation.params.get(TOLD_ON_PAGE))
    operations.check_anew(
        operation=operation, member=request.member, params={PORTAL: told}, now=timezone.now(), defer=not few
    )
    if few:
        operation.refresh_from_db()
        carry_on(operation)
