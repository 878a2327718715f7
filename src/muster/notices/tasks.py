"""The jobs of the outbox, and of reminders."""

from __future__ import annotations

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from muster.notices import moves
from muster.notices.delivery import deliver
from muster.notices.in_app import forget_old_notices
from muster.notices.keeping import forget_old_mails
from muster.notices.queue import DELIVER
from muster.notices.reminders import make_due_reminders


@app.task(name=DELIVER, queue="interactive", pass_context=True)
def deliver_waiting(context: JobContext, many: bool = False) -> None:
    """Send what is due, with or without mails to many."""
    deliver(many=many, stopped=context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="notices.sweep", queue="periodic", queueing_lock="notices.sweep")
def sweep(timestamp: int) -> None:
    """Look every minute for mails that are due or were lost."""
    moves.sweep()


@app.periodic(cron="23 3 * * *")
@app.task(name="notices.forget", queue="periodic", queueing_lock="notices.forget")
def forget(timestamp: int) -> None:
    """Forget mails and notices that are old."""
    forget_old_mails()
    forget_old_notices()


# Each minute, for the morning may begin at any; but once in a day there is nothing to do.
@app.periodic(cron="* * * * *")
@app.task(name="notices.remind", queue="periodic", queueing_lock="notices.remind")
def remind(timestamp: int) -> None:
    """Make the reminders of the day, if its morning has come."""
    make_due_reminders(now=timezone.now())
