"""Handing the outbox to the workers."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app

DELIVER = "notices.deliver_waiting"
MANY = "notices.many"


def defer_delivery(*, many: bool = False, **options: Any) -> None:
    """Have a worker deliver what waits, in the caller's transaction.

    Mails to many are delivered by one job at a time, so that they never keep all workers from what is quick.
    """
    # No lock keeps a second job from waiting beside a first, which may have looked before this transaction
    # commits. A job too many finds nothing to do and ends.
    if many:
        options["lock"] = MANY
    app.configure_task(DELIVER, queue="interactive", **options).defer(many=many)
