"""The page of default termination reasons, state by state."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.carriers.keeping import CannotKeep
from muster.carriers.termination_reasons import reasons_by_state, set_termination_reasons
from muster.console.carriers.companies import tell_saved
from muster.core.words import states


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.READ)
def termination_reasons(request: StaffRequest) -> HttpResponse:
    """The defaults; whoever may not change them reads them."""
    may_manage = request.member.may(Permission.MANAGE_CARRIERS)
    refused: dict[str, str] = {}
    if request.method == "POST":
        if not may_manage:
            raise PermissionDenied
        told = {state: request.POST[state] for state in states() if state in request.POST}
        try:
            changed = set_termination_reasons(by=request.member, told=told)
        except CannotKeep as problem:
            refused = {state: " ".join(found) for state, found in problem.reasons.items()}
        else:
            tell_saved(request, changed)
            return redirect("termination-reasons")
    shown = reasons_by_state(request.member.organization_id, today=timezone.localdate())
    return render(
        request,
        "carriers/reasons.html",
        {
            "reasons": [(one, refused.get(one.state, "")) for one in shown],
            "may_manage": may_manage,
        },
        status=400 if refused else 200,
    )
