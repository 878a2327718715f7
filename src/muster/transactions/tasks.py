"""The jobs of filing: sending what was released, asking how it stands, and renewing licenses in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from muster.core.sync import RetryPolicy
from muster.registry.adapter import open_gateway
from muster.registry.models import GatewayPause
from muster.registry.operations import paused_until
from muster.transactions.asking import Asked, ask_due, question_due_at
from muster.transactions.claiming import FILING_LOCK, adopt, filing_due_at, has_work
from muster.transactions.judging import judge_transactions
from muster.transactions.queue import FILE_TASK, FOLLOW_TASK, GATEWAY_QUEUE, defer_filing, defer_following
from muster.transactions.renewing import renew_due
from muster.transactions.submitting import Filed, file_released

BETWEEN_SWEEPS = timedelta(seconds=60)


def file_now(**options: Any) -> Filed:
    """File what was released here and now, with the gateway of the settings; nothing where they name none."""
    if not settings.MUSTER_GATEWAY["url"] or not has_work(now=timezone.now()):
        return Filed()
    with open_gateway() as gateway:
        return file_released(
            **{
                "gateway": gateway,
                "judge": judge_transactions,
                "policy": _policy(),
                "concurrency": settings.MUSTER_GATEWAY["concurrency"],
                "quiet": _quiet(),
                "random": SystemRandom(),
                "clock": timezone.now,
                **options,
            }
        )


def ask_now(**options: Any) -> Asked:
    """Ask here and now how filings stand that are due to be asked about; nothing without a gateway."""
    due = question_due_at()
    if not settings.MUSTER_GATEWAY["url"] or due is None or due > timezone.now():
        return Asked()
    with open_gateway() as gateway:
        return ask_due(
            gateway=gateway, policy=_policy(), random=SystemRandom(), clock=timezone.now, **options
        )


def _policy() -> RetryPolicy:
    given = settings.MUSTER_GATEWAY
    return RetryPolicy(first_wait=given["first_wait_seconds"], longest_wait=given["longest_wait_seconds"])


def _quiet() -> timedelta:
    """How long a call can last: as long as an answer to what was sent may still come."""
    given = settings.MUSTER_GATEWAY
    return timedelta(seconds=given["connect_seconds"] + given["read_seconds"])


@app.task(name=FILE_TASK, queue=GATEWAY_QUEUE, pass_context=True)
def file_waiting(context: JobContext, **_: Any) -> None:
    """File what was released and is due; come back when the next one is, if that is before the next sweep."""
    if file_now(should_stop=context.should_abort).count:
        if at := _soon(filing_due_at()):
            defer_filing(at=at)
        if at := _soon(question_due_at()):
            defer_following(at=at)


@app.task(name=FOLLOW_TASK, queue=GATEWAY_QUEUE, pass_context=True)
def follow_filed(context: JobContext, **_: Any) -> None:
    """Ask how filings stand that are due; come back for the next, if that is before the next sweep."""
    if ask_now(should_stop=context.should_abort).asked and (at := _soon(question_due_at())):
        defer_following(at=at)


@app.periodic(cron="* * * * *")
@app.task(name="transactions.sweep", queue="periodic", pass_context=False)
def sweep_filings(timestamp: int, **_: Any) -> None:
    """Take over what a dead worker was sending, and have done what is due."""
    sweep(now=timezone.now())


@app.periodic(cron="23 * * * *")
@app.task(name="transactions.renew", queue="periodic", pass_context=False)
def renew_licenses(timestamp: int, **_: Any) -> None:
    """Make the renewals of licenses that have entered their state's window."""
    renew_due(now=timezone.now())


def sweep(*, now: datetime) -> None:
    """See to it that what is due is filed and asked about. Safe to run twice, and beside drains."""
    if not settings.MUSTER_GATEWAY["url"]:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FILING_LOCK])
        if cursor.fetchone()[0]:
            adopt(quiet=_quiet(), now=now)
        if paused_until(now=now, of=GatewayPause):
            return
        for due_at, defer in ((filing_due_at(), defer_filing), (question_due_at(), defer_following)):
            if due_at is not None and due_at <= now:
                defer()


def _soon(due_at: datetime | None) -> datetime | None:
    """When the work is to go on that is due then; None if that can be left to the sweep."""
    if due_at is None:
        return None
    now = timezone.now()
    at = max(due_at, paused_until(now=now, of=GatewayPause) or due_at)
    return at if at <= now + BETWEEN_SWEEPS else None
