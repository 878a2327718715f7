"""Endpoints and events of tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from muster.access.models import Membership
from muster.core.webhooks import EventType
from muster.webhooks.models import Delivery, Endpoint, WebhookEvent
from muster.webhooks.operations import make_endpoint


def endpoint_at(member: Membership, url: str, *types: str, **over: Any) -> Endpoint:
    """An endpoint that is told of these, or of everything."""
    return make_endpoint(by=member, url=url, types=types or list(EventType), **over)[0]


def queue(endpoint: Endpoint, count: int = 1) -> list[Delivery]:
    """So many deliveries that wait."""
    events = WebhookEvent.objects.bulk_create(
        WebhookEvent(
            organization_id=endpoint.organization_id,
            type="operation.finished",
            key=f"{endpoint.pk}:{number}:{timezone.now().isoformat()}",
            occurred_at=timezone.now(),
            payload={"number": number},
        )
        for number in range(count)
    )
    return Delivery.objects.bulk_create(
        Delivery(organization_id=endpoint.organization_id, endpoint=endpoint, event=event) for event in events
    )


def let_pass(time: timedelta) -> None:
    """Have all that has happened with deliveries happened so much earlier."""
    for field in ("queued_at", "next_at", "claimed_at"):
        Delivery.objects.exclude(**{field: None}).update(**{field: F(field) - time})
    for field in ("failing_since", "paused_until", "old_secret_until"):
        Endpoint.objects.exclude(**{field: None}).update(**{field: F(field) - time})


def due() -> None:
    """Have all that waits due at once, also for endpoints that are paused."""
    Delivery.objects.filter(state="waiting").update(next_at=Now())
    Endpoint.objects.update(paused_until=None)
