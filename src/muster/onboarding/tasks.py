"""The jobs of onboarding: looking up the producers of files, and what sees to it that it is done."""

from __future__ import annotations

from datetime import timedelta
from random import SystemRandom
from typing import Any

from django.conf import settings
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from muster.core.sync import RetryPolicy
from muster.onboarding.forgetting import discard_old, forget_ssns
from muster.onboarding.queue import RETRIEVE_TASK, defer_retrieve
from muster.onboarding.retrieving import Retrieved, has_orphans, retrieve, retrieve_due_at
from muster.registry.adapter import open_registry
from muster.registry.operations import paused_until
from muster.registry.queue import SYNC_QUEUE, defer_sync

HELD_UP = timedelta(seconds=1)
COME_BACK = timedelta(seconds=60)
"""What is due later is left to the sweeper."""


def retrieve_now(**options: Any) -> Retrieved:
    """Look up what is due here and now, with the registry and the limits of the settings."""
    given = settings.MUSTER_REGISTRY
    policy = RetryPolicy(given["attempts"], given["first_wait_seconds"], given["longest_wait_seconds"])
    with open_registry() as registry:
        return retrieve(
            registry=registry,
            policy=policy,
            concurrency=given["concurrency"],
            random=SystemRandom(),
            clock=timezone.now,
            **options,
        )


@app.task(name=RETRIEVE_TASK, queue=SYNC_QUEUE, pass_context=True)
def retrieve_waiting(context: JobContext, **_: Any) -> None:
    """Look up the producers of files; come back when more is due, if that is before the next sweep."""
    done = retrieve_now(should_stop=context.should_abort)
    now = timezone.now()
    if done.held_up:
        # A sync sees that somebody waits, and makes way within moments.
        defer_retrieve(at=now + HELD_UP)
        return
    if done.answered:
        defer_sync()
    if due := retrieve_due_at(now=now):
        again_at = max(due, paused_until(now=now) or due)
        if again_at <= now + COME_BACK:
            defer_retrieve(at=again_at)


@app.periodic(cron="* * * * *")
@app.task(name="onboarding.sweep", queue="periodic", queueing_lock="onboarding.sweep", pass_context=False)
def sweep_onboarding(timestamp: int, **_: Any) -> None:
    """Have looked up what is due, and what a dead worker had claimed."""
    now = timezone.now()
    due = retrieve_due_at(now=now)
    if has_orphans() or (due is not None and due <= now):
        defer_retrieve()


@app.periodic(cron="27 3 * * *")
@app.task(name="onboarding.purge", queue="periodic", queueing_lock="onboarding.purge", pass_context=False)
def purge_onboarding(timestamp: int, **_: Any) -> None:
    """Keep no SSN of whom nobody went on with for the retention time, from a file or one by one."""
    discard_old(now=timezone.now())
    forget_ssns(now=timezone.now())
