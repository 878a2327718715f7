"""Reading endpoints and their deliveries."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.webhooks.models import TRIED_AGAIN, Delivery, DeliveryState, Endpoint

SHOWN_STATES = (DeliveryState.WAITING, DeliveryState.DELIVERED, DeliveryState.FAILED)
"""The states by which deliveries are filtered; one that is being sent counts as waiting."""

MOST_COUNTED = 1000


def endpoints_of(member: Membership) -> QuerySet[Endpoint]:
    """The endpoints of the member's organization, oldest first; none where not allowed."""
    return Endpoint.objects.visible_to(member, Permission.MANAGE_SETTINGS).order_by("id")


def deliveries_of(member: Membership) -> QuerySet[Delivery]:
    """The deliveries of the member's organization, with endpoint and event."""
    mine = Delivery.objects.visible_to(member, Permission.MANAGE_SETTINGS)
    return mine.select_related("endpoint", "event")


def newest_deliveries(
    endpoint: Endpoint, *, state: str = "", before: int | None = None, limit: int
) -> list[Delivery]:
    """Deliveries of an endpoint, newest first; `before` is the id of the last one of the page before."""
    found = _in_state(endpoint, state)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.select_related("event").order_by("-id")[:limit])


def count_in_state(endpoint: Endpoint, state: str) -> int:
    """How many deliveries are in a state, counted up to `MOST_COUNTED`."""
    return _in_state(endpoint, state).order_by()[:MOST_COUNTED].count()


def has_failed_ones(endpoint: Endpoint) -> bool:
    """Whether any of its deliveries failed, for good or so far."""
    failed = Delivery.objects.filter(TRIED_AGAIN | Q(state=DeliveryState.FAILED), endpoint=endpoint)
    return failed.exists()


def _in_state(endpoint: Endpoint, state: str) -> QuerySet[Delivery]:
    deliveries = Delivery.objects.filter(endpoint=endpoint)
    if state == DeliveryState.WAITING:
        return deliveries.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])
    return deliveries.filter(state=state) if state else deliveries
