"""Jobs of the filing, deferred so that they exist only if the caller's transaction commits."""

from __future__ import annotations

from datetime import datetime

from procrastinate.contrib.django import app

FILE_TASK = "transactions.file_released"
FOLLOW_TASK = "transactions.follow_filed"
GATEWAY_QUEUE = "gateway"


def defer_filing(*, at: datetime | None = None) -> None:
    """Have what was released filed once this transaction commits, or at a later time.

    One too many finds nothing to do, or another at it, and ends.
    """
    app.configure_task(FILE_TASK, queue=GATEWAY_QUEUE, schedule_at=at).defer()


def defer_following(*, at: datetime | None = None) -> None:
    """Have the registry asked what became of filings, once this transaction commits, or at a later time."""
    app.configure_task(FOLLOW_TASK, queue=GATEWAY_QUEUE, schedule_at=at).defer()
