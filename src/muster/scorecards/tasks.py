"""The jobs of the scorecards: judging what an import brought, and the sweeper for days that passed."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from muster.scorecards.operations import sweep
from muster.scorecards.queue import JUDGE_QUEUE, JUDGE_TASK


@app.task(name=JUDGE_TASK, queue=JUDGE_QUEUE)
def judge_new(**_: Any) -> None:
    """Judge what was never judged."""
    _sweep_now()


@app.periodic(cron="*/5 * * * *")
@app.task(name="scorecards.sweep", queue="periodic", queueing_lock="scorecards.sweep")
def sweep_overdue(timestamp: int, **_: Any) -> None:
    """Look for verdicts that a day has ended, and for assignments that nobody has judged."""
    _sweep_now()


def _sweep_now() -> None:
    now = timezone.now()
    sweep(today=timezone.localdate(now), now=now)
