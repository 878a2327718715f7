"""How the organization files: what goes by itself, who releases, how much at once, what it costs."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.access.queries import members_who_may
from muster.carriers import operations
from muster.carriers.keeping import CannotKeep
from muster.carriers.queries import filing_settings_of
from muster.console.carriers.companies import tell_saved
from muster.console.carriers.forms import FilingForm
from muster.console.carriers.steps import step_of_filing


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.READ)
def filing_settings(request: StaffRequest) -> HttpResponse:
    """The settings; whoever may not change them reads them."""
    may_manage = request.member.may(Permission.MANAGE_CARRIERS)
    settings = filing_settings_of(request.member.organization_id)
    form = FilingForm(initial=FilingForm.of(settings))
    if request.method == "POST":
        if not may_manage:
            raise PermissionDenied
        form = FilingForm(request.POST)
        if form.is_valid():
            try:
                changed = operations.change_filing_settings(by=request.member, told=form.told())
            except CannotKeep as problem:
                form.refuse(problem)
            else:
                tell_saved(request, changed)
                return redirect("filing-settings")
    for field in form.fields.values():
        field.disabled = not may_manage
    return render(
        request,
        "carriers/filing.html",
        {
            "form": form,
            "may_manage": may_manage,
            "releases_alone": may_manage and _releases_alone(request.member),
            "step": step_of_filing(settings) if may_manage else None,
        },
    )


def _releases_alone(member: Membership) -> bool:
    """Whether one person alone may release filings, and prepares them too."""
    releasers = list(members_who_may(member.organization_id, Permission.RELEASE_FILINGS)[:2])
    return len(releasers) == 1 and releasers[0].may(Permission.PREPARE_FILINGS)
