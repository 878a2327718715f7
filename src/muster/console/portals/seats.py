"""What can be done with one seat of a portal: the invitation sent again, the seat closed."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.portals.views import portal_for
from muster.core.inviting import DONE
from muster.portals.models import PortalUser
from muster.portals.operations import close_seats, invite
from muster.portals.queries import OPEN


@require_POST
@needs(Permission.INVITE_PRODUCERS)
def send_again(request: StaffRequest, portal_id: int, seat_id: int) -> HttpResponse:
    """Send the invitation again, with a new link, to the address that is on file now."""
    seat = _seat(request, portal_id, seat_id)
    with transaction.atomic():
        results = invite(
            organization_id=seat.organization_id,
            portal_id=seat.portal_id,
            producer_ids=[seat.producer_id],
            by_id=request.member.user_id,
            operation_id=None,
            now=timezone.now(),
        )
    result = results[seat.producer_id] if results else None
    if result in DONE:
        messages.success(request, f"{seat.producer}: {result}, updated and sent again.")
    else:
        messages.error(request, f"{seat.producer} {result or 'cannot be invited: the portal is closed'}.")
    return redirect("portal-detail", portal_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.INVITE_PRODUCERS)
def close(request: StaffRequest, portal_id: int, seat_id: int) -> HttpResponse:
    """Ask whether a seat is to be closed, and close it: its holder gets in no more, until invited again."""
    seat = _seat(request, portal_id, seat_id)
    if request.method != "POST":
        return render(request, "portals/close_seat.html", {"seat": seat, "portal": seat.portal})
    with transaction.atomic():
        close_seats(
            organization_id=seat.organization_id,
            seat_ids=[seat.pk],
            by_id=request.member.user_id,
            operation_id=None,
            now=timezone.now(),
        )
    page = reverse("producer-detail", args=[seat.producer.npn])
    words = 'The seat of {} is closed. <a class="alert-link" href="{}">Invite again</a>, if it was in error.'
    messages.success(request, format_html(words, seat.producer, page))
    return redirect("portal-detail", portal_id)


def _seat(request: StaffRequest, portal_id: int, seat_id: int) -> PortalUser:
    mine = PortalUser.objects.visible_to(request.member, Permission.INVITE_PRODUCERS)
    found: PortalUser = get_object_or_404(
        mine.filter(OPEN).select_related("producer", "portal"),
        pk=seat_id,
        portal=portal_for(request, portal_id),
    )
    return found
