"""The jobs of the outbox."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from muster.notices import operations
from muster.notices.delivery import deliver


@app.task(name=operations.DELIVER, queue="interactive", pass_context=True)
def deliver_waiting(context: JobContext) -> None:
    """Send what is due."""
    deliver(stopped=context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="notices.sweep", queue="periodic", queueing_lock="notices.sweep")
def sweep(timestamp: int) -> None:
    """Look every minute for mails that are due or were lost."""
    operations.sweep()
