"""The portals of an organization: listed, made, changed and closed; and the page of one."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.lists.address import places_in, search_in
from muster.console.lists.links import links_of
from muster.console.lists.searched import Asked, query_of
from muster.portals.models import Portal, PortalUser
from muster.portals.operations import LONGEST_NAME, MOST_SEATS, CannotKeep, close_portal, keep_portal
from muster.portals.queries import seat_page, state_of, visible_portals

DEFAULT_SEATS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A portal in the list, and how much of it is taken, in percent."""

    portal: Portal
    taken: int
    percent: float


@require_safe
@needs(Permission.INVITE_PRODUCERS)
def portal_list(request: StaffRequest) -> HttpResponse:
    """The organization's portals with their seats."""
    lines = [
        Line(one, one.taken, round(min(100, one.taken * 100 / max(1, one.seats)), 2))
        for one in visible_portals(request.member)
    ]
    may_manage = request.member.may(Permission.MANAGE_USERS)
    return render(request, "portals/list.html", {"lines": lines, "may_manage": may_manage})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_USERS)
def new(request: StaffRequest) -> HttpResponse:
    """Make a portal."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_USERS)
def edit(request: StaffRequest, portal_id: int) -> HttpResponse:
    """Change a portal: its name, for whom it is, and how many seats it has."""
    return _edit(request, portal_for(request, portal_id))


@require_POST
@needs(Permission.MANAGE_USERS)
def close(request: StaffRequest, portal_id: int) -> HttpResponse:
    """Close a portal with all its seats."""
    portal = portal_for(request, portal_id)
    close_portal(by=request.member, portal=portal, now=timezone.now())
    messages.success(request, f"The portal {portal.name} is closed. Nobody gets in by it any more.")
    return redirect("portal-list")


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody in the list of a portal, and where they are."""

    user: PortalUser
    state: str


@require_safe
@needs(Permission.INVITE_PRODUCERS)
def detail(request: StaffRequest, portal_id: int) -> HttpResponse:
    """Who holds a seat of a portal, the newest first."""
    member, portal, now = request.member, portal_for(request, portal_id), timezone.now()
    asked = Asked(search_in(request.GET))
    found, page = seat_page(member, portal, search=asked.search, **places_in(request.GET))
    return render(
        request,
        "portals/detail.html",
        {
            "portal": portal,
            "seats": [Seat(one, state_of(one, now=now)) for one in found],
            "total": page.total,
            "search": asked.search,
            "may_manage": member.may(Permission.MANAGE_USERS),
            **links_of(page, asked, query_of),
        },
    )


def portal_for(request: StaffRequest, portal_id: int) -> Portal:
    """The open portal, with the seats that are `taken`. Raises Http404 where it is not theirs."""
    mine: QuerySet[Portal] = visible_portals(request.member)
    return get_object_or_404(mine, pk=portal_id)


def _edit(request: StaffRequest, portal: Portal | None) -> HttpResponse:
    told = {
        "name": portal.name if portal else "",
        "kind": portal.kind if portal else Portal.Kind.AGENTS.value,
        "seats": str(portal.seats if portal else DEFAULT_SEATS),
    }
    reason = ""
    if request.method == "POST":
        told = {name: request.POST.get(name, "")[:500] for name in told}
        try:
            kept = keep_portal(
                by=request.member,
                portal=portal,
                name=told["name"],
                kind=told["kind"],
                seats=_number(told["seats"]),
            )
        except CannotKeep as problem:
            reason = str(problem)
        else:
            messages.success(request, f"The portal {kept.name} is kept.")
            return redirect("portal-detail", kept.pk)
    context = {
        "portal": portal,
        "told": told,
        "reason": reason,
        "kinds": Portal.Kind.choices,
        "longest": LONGEST_NAME,
        "most": MOST_SEATS,
    }
    return render(request, "portals/edit.html", context)


def _number(text: str) -> int | None:
    text = text.replace(",", "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
