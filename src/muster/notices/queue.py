"""Handing the outbox to the workers."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app

DELIVER = "notices.deliver_waiting"
MAILINGS = "notices.mailings"


def defer_delivery(*, mailings: bool = False, **options: Any) -> None:
    """Have a worker deliver what waits, in the caller's transaction.

    Mailings are delivered by one job at a time, so that they never keep all workers from what is quick.
    """
    # No lock keeps a second job from waiting beside a first, which may have looked before this transaction
    # commits. A job too many finds nothing to do and ends.
    if mailings:
        options["lock"] = MAILINGS
    app.configure_task(DELIVER, queue="interactive", **options).defer(mailings=mailings)
