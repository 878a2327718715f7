"""How long events and deliveries are kept."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from muster.webhooks.models import WebhookEvent

KEPT_FOR = timedelta(days=30)
SLICE = 5_000


def forget_old_events() -> int:
    """Delete the events made more than thirty days ago, with their deliveries; return how many events.

    In slices: what is killed half-way is gone on with the next night.
    """
    forgotten = 0
    old = WebhookEvent.objects.filter(made_at__lt=Now() - KEPT_FOR)
    while ids := list(old.order_by("made_at").values_list("pk", flat=True)[:SLICE]):
        WebhookEvent.objects.filter(pk__in=ids).delete()
        forgotten += len(ids)
    return forgotten
