"""Choosing the organization of whose pages one sees, for those who are a producer of several."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from muster.access.gate import PersonRequest, logged_in
from muster.access.middleware import SESSION_KEY
from muster.portals.queries import seats_of


@require_http_methods(["GET", "HEAD", "POST"])
@logged_in
def choose(request: PersonRequest) -> HttpResponse:
    """The organizations in which the person is a producer, and going to the pages of one of them."""
    seats = list(seats_of(request.user))
    if request.method == "POST":
        wanted = request.POST.get("organization", "")
        for seat in seats:
            if str(seat.organization_id) == wanted:
                request.session[SESSION_KEY] = seat.organization_id
                return redirect("portal-home")
        raise Http404
    return render(request, "portal/organizations.html", {"seats": seats})
