"""The jobs of webhooks, deferred so that they exist only if the caller's transaction commits."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from muster.bulk.models import Operation

PUMP = "webhooks.pump"
DELIVER = "webhooks.deliver"
QUEUE = "webhooks"

SOON = timedelta(seconds=10)


def defer_pump_after(operation: Operation, now: datetime) -> None:
    """Have told at once that an operation has ended; other news waits for the next look, some seconds."""
    app.configure_task(PUMP, queue=QUEUE).defer()


def defer_delivery() -> None:
    """Have sent what is due. One too many finds nothing to do, and ends."""
    app.configure_task(DELIVER, queue=QUEUE).defer()


def defer_delivery_soon() -> None:
    """Have another look in some seconds at what was not taken; one look is enough for all."""
    later = app.configure_task(
        DELIVER, queue=QUEUE, queueing_lock=f"{DELIVER}.soon", schedule_in={"seconds": SOON.seconds}
    )
    try:
        with transaction.atomic():
            later.defer()
    except AlreadyEnqueued:
        return
