"""The jobs of the sync: draining the queue, and the sweeper that sees to it that somebody does."""

from __future__ import annotations

from datetime import timedelta
from random import SystemRandom
from typing import Any

from django.conf import settings
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from muster.core.sync import RetryPolicy
from muster.registry.adapter import open_registry
from muster.registry.draining import Drained, drain
from muster.registry.operations import due_at, paused_until, sweep
from muster.registry.queue import SYNC_QUEUE, SYNC_TASK, defer_sync

SECONDS_BETWEEN_SWEEPS = 60


def drain_now(**options: Any) -> Drained:
    """Drain the queue here and now, with the registry and the limits of the settings."""
    given = settings.MUSTER_REGISTRY
    policy = RetryPolicy(given["attempts"], given["first_wait_seconds"], given["longest_wait_seconds"])
    with open_registry() as registry:
        return drain(
            registry=registry,
            policy=policy,
            concurrency=given["concurrency"],
            random=SystemRandom(),
            clock=timezone.now,
            **options,
        )


@app.task(name=SYNC_TASK, queue=SYNC_QUEUE, pass_context=True)
def sync_waiting(context: JobContext, **_: Any) -> None:
    """Sync all producers that are due; come back when the next one is, if that is before the next sweep."""
    done = drain_now(should_stop=context.should_abort)
    now = timezone.now()
    if done.count and (due := due_at()):
        again_at = max(due, paused_until(now=now) or due)
        if again_at <= now + timedelta(seconds=SECONDS_BETWEEN_SWEEPS):
            defer_sync(at=again_at)


@app.periodic(cron="* * * * *")
@app.task(name="registry.sweep", queue="periodic", pass_context=False)
def sweep_sync(timestamp: int, **_: Any) -> None:
    """Queue again what a dead worker had claimed, and have drained what is due."""
    sweep(now=timezone.now())
