"""What the page of every list does: it opens as one chose, and nobody waits for it longer than a while."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect

from muster.access.gate import StaffRequest
from muster.console.lists.listing import Listing
from muster.console.lists.shown import opening
from muster.reports.running import TooLong, within

SECONDS = 15.0
"""Any field can be a condition, and not every one has an index: at millions of rows some ask for too much."""

View = Callable[..., HttpResponse]


def page_of_list(listing: Listing) -> Callable[[View], View]:
    """Make a view the page of a list."""

    def of(view: View) -> View:
        @wraps(view)
        def answer(request: StaffRequest, *args: Any, **more: Any) -> HttpResponse:
            if opened := opening(request, listing):
                return opened
            if "where" not in request.GET:
                return view(request, *args, **more)
            try:
                found: HttpResponse = within(SECONDS, lambda: view(request, *args, **more))
            except TooLong:
                if request.htmx:
                    return HttpResponseClientRedirect(request.get_full_path())
                return render(request, "lists/too_long.html", {"listing": listing}, status=503)
            return found

        return answer

    return of
