"""The job that removes those who have waited, deferred so that it exists only if the transaction commits."""

from __future__ import annotations

from collections.abc import Collection

from procrastinate.contrib.django import app

from muster.producers.models import Leaving

LEAVE_TASK = "offboarding.leave"
LEAVE_QUEUE = "bulk"


def look_who_leaves(producer_ids: Collection[int]) -> None:
    """Have those of these producers removed who wait for just what has happened; nothing where none does."""
    if Leaving.objects.filter(producer_id__in=producer_ids).exists():
        app.configure_task(LEAVE_TASK, queue=LEAVE_QUEUE).defer()
