"""Having new assignments judged: a job that exists only if the caller's transaction commits."""

from __future__ import annotations

from datetime import datetime

from procrastinate.contrib.django import app

from muster.bulk.models import Operation

JUDGE_TASK = "scorecards.judge_new"
JUDGE_QUEUE = "bulk"


def judge_written(operation: Operation, now: datetime) -> None:
    """Have the assignments judged that an operation wrote, in the transaction that ends it."""
    if operation.started_at is not None:
        app.configure_task(JUDGE_TASK, queue=JUDGE_QUEUE).defer()
