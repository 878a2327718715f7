"""The list of agencies, and adding one. The page of an agency is the list of its producers."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.producers.operations import LONGEST_NAME, CannotCreate, create_agency
from muster.producers.queries import agency_page, visible_agencies

LONGEST_SEARCH = 100


@require_safe
@needs(Permission.READ)
def agency_list(request: StaffRequest) -> HttpResponse:
    """Agencies by name, each with how many producers it has."""
    search = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    agencies, page = agency_page(
        request.member,
        search=search,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return render(
        request,
        "agencies/list.html",
        {
            "agencies": agencies,
            "total": page.total,
            "search": search,
            "first_url": _url(q=search) if page.previous else None,
            "previous_url": _url(q=search, before=page.previous) if page.previous else None,
            "next_url": _url(q=search, after=page.next) if page.next else None,
            "may_add": request.member.may(Permission.MANAGE_AGENCIES),
        },
    )


def _url(**query: str) -> str:
    return "?" + urlencode({name: value for name, value in query.items() if value})


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
