"""What every list can do: act on rows, count by groups, export, change columns and filters, keep views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, When
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.lists.export import csv_of
from muster.console.lists.known import listings
from muster.console.lists.listing import Listing
from muster.console.lists.views_kept import visible_views
from muster.console.operations.starting import kind_for, start
from muster.core.table import WITHOUT_VALUE, Refused, read_condition
from muster.reports.keeping import CannotKeep, open_with, save_view
from muster.reports.running import MOST_GROUPS, TooLong, groups_of, within

PAGE = 50
LONGEST_KEY = 20
SECONDS_TO_COUNT = 10.0


def _listing(name: str) -> Listing:
    try:
        return listings()[name]
    except KeyError:
        raise Http404 from None


@require_POST
@needs(Permission.READ)
def act(request: StaffRequest, name: str) -> HttpResponseBase:
    """Do something with the rows that are ticked, or with all that match: first it is confirmed."""
    listing, member = _listing(name), request.member
    asked = listing.asked_of(request.GET)
    back = listing.url + listing.query_of(asked)
    action = request.POST.get("action", "")
    kind = None if action == "export" else kind_for(request, action, listing.subject.target or "nothing")
    chosen = listing.rows(member, asked)
    if "all" in request.POST:
        if asked.refused:
            return _refused(request, listing, asked)
        told, few = back, False
    else:
        ticked = _ticked(request)
        if not ticked:
            verb = kind.verb if kind else "Export"
            messages.info(request, f"Tick the {listing.subject.many} first, then press {verb}.")
            return redirect(back)
        chosen = listing.subject.rows(member).filter(**{f"{listing.key}__in": ticked})
        # A form sends its ticks in the order of the list.
        chosen = chosen.order_by(_place_in(ticked, listing.key), "pk")
        told, few = ",".join(ticked), True
    if kind is None:
        return csv_of(request, listing, asked, chosen)
    operation = start(request, kind, chosen, told=told, back=back, few=few)
    return redirect("operation-detail", operation.pk)


def _refused(request: StaffRequest, listing: Listing, asked: Any) -> HttpResponse:
    """Back to the list that says what of its address cannot be read: nothing is done with what it finds."""
    messages.error(request, "Nothing was done: a filter of the list cannot be read. Mend it first.")
    return redirect(listing.url + listing.query_of(asked))


def _place_in(ticked: Sequence[str], key: str) -> Case:
    return Case(*(When(**{key: one}, then=place) for place, one in enumerate(ticked)))


def _ticked(request: StaffRequest) -> list[str]:
    """The keys of what was ticked: a page of a list at most."""
    keys = request.POST.getlist("tick")[:PAGE]
    return [key for key in keys if key.isascii() and key.isdecimal() and len(key) < LONGEST_KEY - 1]


@require_safe
@needs(Permission.READ)
def groups(request: StaffRequest, name: str) -> HttpResponse:
    """How many rows there are of each value of the field that the address groups by."""
    listing = _listing(name)
    asked = listing.asked_of(request.GET)
    question = asked.question
    if not question.group:
        return redirect(listing.url + listing.query_of(asked))
    of = listing.subject.by_name[question.group]
    rows = listing.records(request.member, listing.rows(request.member, asked))
    found, problem = [], ""
    try:
        found = within(SECONDS_TO_COUNT, lambda: groups_of(rows, of, most=MOST_GROUPS + 1))
    except TooLong as reason:
        problem = str(reason)
    most = max((one.rows for one in found), default=1)
    return render(
        request,
        "lists/groups.html",
        {
            "listing": listing,
            "label": of.label,
            "problem": problem,
            "cut": len(found) > MOST_GROUPS,
            "groups": [
                (one, round(one.rows * 100 / most, 2), _narrowed(listing, asked, one.condition))
                for one in found[:MOST_GROUPS]
            ],
        },
    )


def _narrowed(listing: Listing, asked: Any, condition: Any) -> str:
    if condition is None:
        return ""
    question = asked.question
    where = tuple(dict.fromkeys((*question.where, condition)))
    return listing.url + listing.query_of(replace(asked, question=replace(question, where=where, group="")))


@require_safe
@needs(Permission.READ)
def export(request: StaffRequest, name: str) -> HttpResponseBase:
    """All rows that the address asks for, as CSV with the columns of the list."""
    listing = _listing(name)
    asked = listing.asked_of(request.GET)
    if asked.refused:
        return _refused(request, listing, asked)
    return csv_of(request, listing, asked, listing.rows(request.member, asked))


@require_safe
@needs(Permission.READ)
def add_filter(request: StaffRequest, name: str) -> HttpResponse:
    """The list with one condition more; one that means nothing is said, and changes nothing."""
    listing = _listing(name)
    asked = listing.asked_of(request.GET)
    told = [request.GET.get("field", ""), request.GET.get("how", "")]
    if told[1] not in {one.value for one in WITHOUT_VALUE}:
        told.append(request.GET.get("value", ""))
    question = asked.question
    try:
        condition = read_condition(":".join(told), listing.subject.terms)
    except Refused as reason:
        messages.error(request, str(reason))
        return redirect(listing.url + listing.query_of(asked))
    where = tuple(dict.fromkeys((*question.where, condition)))
    return redirect(listing.url + listing.query_of(replace(asked, question=replace(question, where=where))))


@require_safe
@needs(Permission.READ)
def choose_columns(request: StaffRequest, name: str) -> HttpResponse:
    """The list with these columns, in this order; with none, or as it comes, with its own."""
    listing = _listing(name)
    asked = listing.asked_of(request.GET)
    chosen = () if "reset" in request.GET else _known(request.GET.getlist("show"), listing)
    if chosen == tuple(one.name for one in listing.columns):
        chosen = ()
    question = replace(asked.question, columns=chosen)
    return redirect(listing.url + listing.query_of(replace(asked, question=question)))


def _known(names: Sequence[str], listing: Listing) -> tuple[str, ...]:
    own = {one.name for one in listing.columns} | set(listing.subject.by_name)
    return tuple(dict.fromkeys(one for one in names if one in own))


@require_POST
@needs(Permission.READ)
def view_save(request: StaffRequest, name: str) -> HttpResponse:
    """Keep the list as it stands under a name."""
    listing = _listing(name)
    here = listing.query_of(listing.asked_of(request.GET))
    try:
        view = save_view(
            by=request.member,
            page=listing.name,
            name=request.POST.get("name", ""),
            query=here,
            is_shared="shared" in request.POST,
        )
        if "default" in request.POST:
            open_with(by=request.member, page=listing.name, view=view)
    except CannotKeep as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, f"“{view.name}” is saved.")
    return redirect(listing.url + (here if here != "?" else "?view=all"))


@require_POST
@needs(Permission.READ)
def view_delete(request: StaffRequest, name: str, view_id: int) -> HttpResponse:
    """Delete a view of one's own."""
    listing = _listing(name)
    view = get_object_or_404(visible_views(request.member, listing.name), pk=view_id)
    if view.owner_id != request.member.user_id:
        raise PermissionDenied
    view.delete()
    messages.success(request, f"“{view.name}” is deleted.")
    return redirect(listing.url)


@require_POST
@needs(Permission.READ)
def view_default(request: StaffRequest, name: str, view_id: int) -> HttpResponse:
    """Open the list with this view from now on, or no longer."""
    listing = _listing(name)
    view = get_object_or_404(visible_views(request.member, listing.name), pk=view_id)
    on = "off" not in request.POST
    open_with(by=request.member, page=listing.name, view=view if on else None)
    told = (
        f"{listing.subject.label} open with “{view.name}” for you." if on else "The list opens as it comes."
    )
    messages.success(request, told)
    return redirect(listing.url if on else f"{listing.url}?view=all")
