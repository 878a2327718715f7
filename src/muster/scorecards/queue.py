"""Having producers judged: a job that exists only if the caller's transaction commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from procrastinate.contrib.django import app

from muster.bulk.models import Operation
from muster.scorecards.sql import statement

JUDGE_TASK = "scorecards.judge_new"
JUDGE_QUEUE = "bulk"


def judge_written(operation: Operation, now: datetime) -> None:
    """Have the assignments judged that an operation wrote, in the transaction that ends it."""
    if operation.started_at is not None:
        app.configure_task(JUDGE_TASK, queue=JUDGE_QUEUE).defer()


def judge_again(*, producer_ids: Sequence[int]) -> None:
    """Have producers judged of whom facts have changed in this transaction, which has them locked.

    A fault in judging one of them does not undo the facts: the job, and the sweep, judge it apart.
    """
    if producer_ids:
        with connection.cursor() as cursor:
            cursor.execute(statement("overturn_some"), {"ids": sorted(producer_ids)})
        app.configure_task(JUDGE_TASK, queue=JUDGE_QUEUE).defer()
