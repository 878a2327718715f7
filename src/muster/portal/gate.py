"""The door of every page of producers: logged in, and with a seat. Everything is read through that seat."""

from __future__ import annotations

from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from muster.access.gate import PersonRequest, View, logged_in
from muster.access.models import Membership, User
from muster.audit.operations import EventKind, record
from muster.portals.models import PortalUser
from muster.portals.queries import last_left, seat_of, seats_of
from muster.producers.models import Producer


class ProducerRequest(PersonRequest):
    """A request of a producer who has passed the gate."""

    member: Membership
    seat: PortalUser
    producer: Producer


def for_producers(view: View) -> View:
    """Let a person in who holds a seat here; others get the log-in page, or 403 and what to do.

    What is not the producer's own is not found, and that it was asked for is put on record.
    """

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        seat = seat_of(request.member) if request.member else None
        if seat is None:
            return _turned_away(request)
        request.seat, request.producer = seat, seat.producer
        try:
            return view(request, *args, **kwargs)
        except Http404:
            _refused(request, seat)
            raise

    guarded.for_producers = True  # type: ignore[attr-defined]
    return logged_in(guarded)


def _turned_away(request: HttpRequest) -> HttpResponseBase:
    person, member = cast(User, request.user), request.member  # type: ignore[attr-defined]
    told = {"seats": seats_of(person), "organization": member.organization if member else last_left(person)}
    return render(request, "portal/no_seat.html", told, status=403)


def _refused(request: HttpRequest, seat: PortalUser) -> None:
    # The kind of page is enough: what else was asked for is another's.
    page = request.resolver_match.view_name if request.resolver_match else ""
    record(
        EventKind.PORTAL_REFUSED,
        organization_id=seat.organization_id,
        by_id=seat.user_id,
        subject=f"producer:{seat.producer_id}",
        data={"page": page, "method": request.method},
    )
