"""The job that looks producers up, deferred so that it exists only if the caller's transaction commits."""

from __future__ import annotations

from datetime import datetime

from procrastinate.contrib.django import app

from muster.registry.queue import SYNC_QUEUE

RETRIEVE_TASK = "onboarding.retrieve"


def defer_retrieve(*, at: datetime | None = None) -> None:
    """Have the drafts of files looked up once this transaction commits. One job too many finds nothing."""
    app.configure_task(RETRIEVE_TASK, queue=SYNC_QUEUE, schedule_at=at).defer()
