"""Territories: named groups of states, used wherever states are chosen."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.core.words import states
from muster.onboarding.models import Territory
from muster.onboarding.queries import territories_of
from muster.onboarding.territories import LONGEST_NAME, CannotKeep, delete_territory, keep_territory


@require_safe
@needs(Permission.READ)
def territory_list(request: StaffRequest) -> HttpResponse:
    """The organization's territories."""
    names = states()
    found = [
        (one, [names.get(state, state) for state in one.states]) for one in territories_of(request.member)
    ]
    may_manage = request.member.may(Permission.MANAGE_SETTINGS)
    return render(request, "territories/list.html", {"territories": found, "may_manage": may_manage})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def new(request: StaffRequest) -> HttpResponse:
    """Make a territory."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def territory(request: StaffRequest, territory_id: int) -> HttpResponse:
    """Change a territory: its name and its states."""
    return _edit(request, _territory(request, territory_id))


@require_POST
@needs(Permission.MANAGE_SETTINGS)
def delete(request: StaffRequest, territory_id: int) -> HttpResponse:
    """Delete a territory; what was chosen by it stays chosen."""
    found = _territory(request, territory_id)
    name = found.name
    delete_territory(by=request.member, territory=found)
    messages.success(request, f"The territory {name} is deleted. What was chosen by it stays chosen.")
    return redirect("territory-list")


def _territory(request: StaffRequest, territory_id: int) -> Territory:
    mine = Territory.objects.visible_to(request.member, Permission.READ)
    found: Territory = get_object_or_404(mine, pk=territory_id)
    return found


def _edit(request: StaffRequest, found: Territory | None) -> HttpResponse:
    name, chosen, reason = (found.name, found.states, "") if found else ("", [], "")
    if request.method == "POST":
        name, chosen = request.POST.get("name", "")[:500], request.POST.getlist("state")
        try:
            kept = keep_territory(by=request.member, name=name, states=chosen, territory=found)
        except CannotKeep as problem:
            reason = str(problem)
        else:
            messages.success(request, f"The territory {kept.name} is kept.")
            return redirect("territory-list")
    context = {
        "territory": found,
        "name": name,
        "chosen": chosen,
        "reason": reason,
        "states": sorted(states().items(), key=lambda one: one[1]),
        "longest": LONGEST_NAME,
    }
    return render(request, "territories/edit.html", context)
