"""Waking the sync: a job that exists only if the caller's transaction commits."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

SYNC_WAITING = "registry.sync_waiting"


def defer_sync() -> None:
    """Queue a drain of the producers that wait for the registry; one that waits already is enough."""
    try:
        # The savepoint keeps the caller's transaction alive where the lock says that one waits.
        with transaction.atomic():
            app.configure_task(SYNC_WAITING, queue="gateway", queueing_lock=SYNC_WAITING).defer()
    except AlreadyEnqueued:
        return
