"""Who sends which delivery: claims, what came of them, and those whose worker was lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from muster.core.delivery import one_line
from muster.core.webhooks import IN_A_ROW
from muster.webhooks.calling import Answer
from muster.webhooks.models import Delivery, DeliveryState, Endpoint
from muster.webhooks.queue import defer_delivery
from muster.webhooks.sql import statement

AT_ONCE = 4
"""How many calls of one endpoint run at the same time, by the whole installation."""

LOST_AFTER = timedelta(minutes=1)
LONGEST_ERROR = 300

SWITCHED_OFF = "The endpoint was switched off before this could be sent. Switch it on, then send it again."
WORKER_LOST = "The worker stopped while it was sending this."

# Locked, so that no two count what is under way at the same moment. Those that others look at are theirs.
LOOK = """
SELECT endpoint.id FROM webhooks_endpoint AS endpoint
WHERE endpoint.off = '' AND coalesce(endpoint.paused_until <= statement_timestamp(), true) AND EXISTS (
    SELECT FROM webhooks_delivery AS due
    WHERE due.endpoint_id = endpoint.id AND due.state = 'waiting' AND due.next_at <= statement_timestamp()
)
ORDER BY endpoint.id
FOR NO KEY UPDATE OF endpoint SKIP LOCKED
"""


def claim(limit: int) -> list[Delivery]:
    """Take up to `limit` deliveries that are due, so that no other worker does, with endpoints and events.

    Every endpoint that something is due for gets its turn, however much waits for others.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOOK)
        endpoints = [key for (key,) in cursor.fetchall()]
        if not endpoints:
            return []
        cursor.execute(
            statement("claim"),
            {"endpoints": endpoints, "at_once": AT_ONCE, "in_a_row": IN_A_ROW, "limit": limit},
        )
        claimed = [key for (key,) in cursor.fetchall()]
    return list(Delivery.objects.filter(pk__in=claimed).select_related("endpoint", "event").order_by("id"))


def record_delivered(delivery: Delivery, answer: Answer) -> None:
    """Record that the event arrived, also if the delivery was given to another worker meanwhile."""
    Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.DELIVERED).update(
        state=DeliveryState.DELIVERED, ended_at=Now(), **_told(answer)
    )
    Endpoint.objects.filter(pk=delivery.endpoint_id, failures__gt=0).update(
        failures=0, failing_since=None, paused_until=None
    )


def record_failure(
    delivery: Delivery, answer: Answer, *, wait: timedelta | None, pause: timedelta
) -> Endpoint | None:
    """Record why the event did not arrive; try again after `wait`, or never where that is None.

    The endpoint is left in peace for `pause`. Returns it as it stands now; None where it is no more.
    """
    # Whoever claimed the delivery since has its own answer: the count of attempts tells the claims apart.
    mine = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING, attempts=delivery.attempts)
    if wait is None:
        mine.update(state=DeliveryState.FAILED, ended_at=Now(), **_told(answer))
    else:
        mine.update(state=DeliveryState.WAITING, next_at=Now() + wait, **_told(answer))
    # A call that began before others failed must not end the pause that these have brought.
    paused = {"paused_until": Now() + pause} if pause else {}
    Endpoint.objects.filter(pk=delivery.endpoint_id).update(
        failures=F("failures") + 1, failing_since=Coalesce("failing_since", Now()), **paused
    )
    return Endpoint.objects.filter(pk=delivery.endpoint_id).first()


def sweep() -> None:
    """Put deliveries back whose worker was lost, and have those sent that are due. Safe to run twice."""
    Delivery.objects.filter(state=DeliveryState.SENDING, claimed_at__lt=Now() - LOST_AFTER).update(
        state=DeliveryState.WAITING, next_at=Now(), error=WORKER_LOST
    )
    end_of_those_off(endpoint__in=Endpoint.objects.exclude(off=""))
    if Delivery.objects.filter(state=DeliveryState.WAITING, next_at__lte=Now(), endpoint__off="").exists():
        defer_delivery()


def end_of_those_off(**which: Any) -> None:
    """End deliveries that wait for endpoints which are off: what happens meanwhile is not kept for them.

    One that was under way when its endpoint was switched off may come to wait again: the sweep ends it.
    """
    Delivery.objects.filter(state=DeliveryState.WAITING, **which).update(
        state=DeliveryState.FAILED, ended_at=Now(), error=SWITCHED_OFF
    )


def _told(answer: Answer) -> dict[str, object]:
    return {
        "status": answer.status,
        "response": answer.response,
        "error": one_line(answer.error, limit=LONGEST_ERROR),
        "took": answer.took,
    }
