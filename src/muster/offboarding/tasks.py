"""The jobs of removing: those who waited for their terminations go as soon as these are accepted."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from muster.offboarding.operations import remove_who_waited
from muster.offboarding.queue import LEAVE_QUEUE, LEAVE_TASK


@app.task(name=LEAVE_TASK, queue=LEAVE_QUEUE, pass_context=False)
def leave(**_: Any) -> None:
    """Remove those for whom nothing is waited any more."""
    remove_who_waited(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="offboarding.sweep", queue="periodic", pass_context=False)
def sweep_leaving(timestamp: int, **_: Any) -> None:
    """The same, where a job was lost, or the registry no longer lists an appointment."""
    remove_who_waited(now=timezone.now())
