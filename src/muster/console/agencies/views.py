"""The list of agencies, and adding one. The page of an agency is the list of its producers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.agencies.listing import AGENCIES
from muster.console.lists.address import places_in
from muster.console.lists.asking import Narrowing, question_chips
from muster.console.lists.links import links_of
from muster.console.lists.pages import page_of_list
from muster.console.lists.searched import chips, query_of
from muster.console.lists.shown import list_context
from muster.producers.operations import LONGEST_NAME, CannotCreate, create_agency
from muster.producers.queries import agency_page, visible_agencies


@require_safe
@needs(Permission.READ)
@page_of_list(AGENCIES)
def agency_list(request: StaffRequest) -> HttpResponse:
    """Agencies by name, each with how many producers it has."""
    member, asked = request.member, AGENCIES.asked_of(request.GET)
    narrow = Narrowing(AGENCIES.subject, asked, member)
    agencies, page = agency_page(member, search=asked.search, narrow=narrow, **places_in(request.GET))
    return render(
        request,
        "agencies/list.html",
        {
            "agencies": agencies,
            "total": page.total,
            "selection": asked,
            "chips": [*chips(asked), *question_chips(asked, query_of, AGENCIES.subject)],
            **links_of(page, asked, query_of),
            **list_context(request, AGENCIES, asked, agencies, objects=agencies, orders={}),
            "may_add": member.may(Permission.MANAGE_AGENCIES),
        },
    )


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
