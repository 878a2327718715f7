"""The list of agencies, and adding one. The page of an agency is the list of its producers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.lists.address import places_in, search_in, written
from muster.console.lists.links import links_of
from muster.producers.operations import LONGEST_NAME, CannotCreate, create_agency
from muster.producers.queries import agency_page, visible_agencies


@require_safe
@needs(Permission.READ)
def agency_list(request: StaffRequest) -> HttpResponse:
    """Agencies by name, each with how many producers it has."""
    search = search_in(request.GET)
    agencies, page = agency_page(request.member, search=search, **places_in(request.GET))
    return render(
        request,
        "agencies/list.html",
        {
            "agencies": agencies,
            "total": page.total,
            "search": search,
            **links_of(page, search, query_of),
            "may_add": request.member.may(Permission.MANAGE_AGENCIES),
        },
    )


def query_of(search: str, /, **places: str | None) -> str:
    """The query that asks for agencies found so, with its question mark."""
    return written({"q": search}, **places)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_AGENCIES)
def new(request: StaffRequest) -> HttpResponse:
    """Add an agency; it may be without an NPN."""
    name, npn, reason = request.POST.get("name", ""), request.POST.get("npn", ""), ""
    if request.method == "POST":
        try:
            agency = create_agency(by=request.member, name=name, npn=npn)
        except CannotCreate as problem:
            reason = str(problem)
        else:
            messages.success(request, f"{agency.name} is on file.")
            return redirect("agency-list")
    return render(
        request, "agencies/new.html", {"name": name, "npn": npn, "reason": reason, "longest": LONGEST_NAME}
    )


@require_safe
@needs(Permission.READ)
def detail(request: StaffRequest, agency_id: int) -> HttpResponse:
    """The producers of an agency."""
    agency = get_object_or_404(visible_agencies(request.member), pk=agency_id)
    return redirect(f"{reverse('producer-list')}?agency={agency.pk}")
