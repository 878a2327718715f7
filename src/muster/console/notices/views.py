"""The bell, the list of a person's notices, and following one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.lists.address import places_in
from muster.console.notices.told import told
from muster.core.counting import counted
from muster.lists.keyset import Order, page_of
from muster.notices.in_app import MOST_COUNTED, mark_read, mark_unread, notices_of, unread_count

PAGE = 50
NEWEST_FIRST = Order(keys=("id",), descending=True)

STOP_ASKING = 286
"""The status at which htmx asks no more."""


@never_cache
@require_safe
def bell(request: StaffRequest) -> HttpResponseBase:
    """How many notices are unread, for the bell, which asks each minute.

    A page that is left open after its session has ended is not led away to the log-in page by that.
    """
    if request.htmx and (request.member is None or not request.member.may(Permission.READ)):
        return HttpResponse(status=STOP_ASKING)
    return _bell(request)


@needs(Permission.READ)
def _bell(request: StaffRequest) -> HttpResponse:
    unread = unread_count(request.member)
    return render(request, "notices/count.html", {"unread": unread, "many": unread >= MOST_COUNTED})


@require_safe
@needs(Permission.READ)
def notice_list(request: StaffRequest) -> HttpResponse:
    """What this person was told, newest first, fifty at a time."""
    mine = notices_of(request.member)
    only_unread = request.GET.get("show") == "unread"
    chosen = mine.filter(read_at=None) if only_unread else mine
    page = page_of(chosen, among=mine, order=NEWEST_FIRST, size=PAGE, **places_in(request.GET))
    found = mine.in_bulk(page.keys)
    query = "?show=unread&" if only_unread else "?"
    return render(
        request,
        "notices/list.html",
        {
            "lines": told(request.member, [found[key] for key in page.keys if key in found]),
            "unread": unread_count(request.member),
            "most": MOST_COUNTED,
            "only_unread": only_unread,
            "first_url": query.rstrip("&") if page.previous else None,
            "previous_url": f"{query}before={page.previous}" if page.previous else None,
            "next_url": f"{query}after={page.next}" if page.next else None,
        },
    )


@require_POST
@needs(Permission.READ)
def read(request: StaffRequest) -> HttpResponse:
    """Mark all as read."""
    count = mark_read(request.member)
    messages.success(
        request, f"{counted(count, 'notice is,notices are')} marked as read." if count else "All were read."
    )
    return redirect("notice-list")


@require_POST
@needs(Permission.READ)
def follow(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Go to what a notice is about: it has been read then."""
    notice = get_object_or_404(notices_of(request.member), pk=notice_id)
    [line] = told(request.member, [notice])
    mark_read(request.member, [notice.pk])
    return HttpResponseRedirect(line.url)


@require_POST
@needs(Permission.READ)
def unread(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Mark a notice as unread again."""
    notice = get_object_or_404(notices_of(request.member), pk=notice_id)
    mark_unread(request.member, [notice.pk])
    return redirect("notice-list")
