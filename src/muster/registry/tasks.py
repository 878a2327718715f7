"""The jobs of the sync: draining the queue, the daily alerts, and what sees to it that both are done."""

from __future__ import annotations

from datetime import date, timedelta
from random import SystemRandom
from typing import Any

from django.conf import settings
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from muster.core.sync import RetryPolicy
from muster.registry.adapter import open_alerts, open_registry
from muster.registry.alerts import Ran, is_due, run_due
from muster.registry.draining import Drained, drain
from muster.registry.hooks import MakesWay
from muster.registry.operations import due_at, paused_until, sweep
from muster.registry.queue import ALERTS_TASK, SYNC_QUEUE, SYNC_TASK, defer_alerts, defer_sync

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
    should_stop = MakesWay(context.should_abort)
    done = drain_now(should_stop=should_stop)
    now = timezone.now()
    # Whoever it makes way for starts it again.
    if done.count and not should_stop.makes_way and (due := due_at()):
        again_at = max(due, paused_until(now=now) or due)
        if again_at <= now + timedelta(seconds=SECONDS_BETWEEN_SWEEPS):
            defer_sync(at=again_at)


@app.periodic(cron="* * * * *")
@app.task(name="registry.sweep", queue="periodic", pass_context=False)
def sweep_sync(timestamp: int, **_: Any) -> None:
    """Queue again what a dead worker had claimed, and have drained what is due."""
    sweep(now=timezone.now())


def alerts_now(**options: Any) -> Ran:
    """Run the daily alerts here and now, with the service of the settings; nothing where they name none."""
    if not settings.MUSTER_ALERTS["url"]:
        return Ran()
    with open_alerts() as service:
        return run_due(service=service, now=timezone.now(), **options)


@app.task(name=ALERTS_TASK, queue=SYNC_QUEUE, pass_context=True)
def run_alerts(
    context: JobContext, *, day: str | None = None, at_once: bool = False, restore: bool = False, **_: Any
) -> None:
    """Do what is due of the daily alerts, or read one day once more."""
    asked = None if day is None else date.fromisoformat(day)
    alerts_now(day=asked, at_once=at_once, restore=restore, should_stop=context.should_abort)


@app.periodic(cron="*/5 * * * *")
@app.task(name="registry.alerts_tick", queue="periodic", pass_context=False)
def alerts_tick(timestamp: int, **_: Any) -> None:
    """Have the daily alerts done when something of them is due."""
    if settings.MUSTER_ALERTS["url"] and is_due(now=timezone.now()):
        defer_alerts()
