"""The jobs of webhooks: the pump, sending, and what is seen to now and then."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from muster.webhooks import claiming, keeping, queue
from muster.webhooks.delivery import deliver
from muster.webhooks.pump import pump


@app.periodic(cron="* * * * * */10")
@app.task(name="webhooks.look", queue="periodic", queueing_lock="webhooks.look")
def look(timestamp: int) -> None:
    """Look every ten seconds for what is new."""
    pump()


@app.task(name=queue.PUMP, queue=queue.QUEUE)
def pump_now() -> None:
    """Look for what is new."""
    pump()


@app.task(name=queue.DELIVER, queue=queue.QUEUE, pass_context=True)
def deliver_waiting(context: JobContext) -> None:
    """Send what is due."""
    deliver(stopped=context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="webhooks.sweep", queue="periodic", queueing_lock="webhooks.sweep")
def sweep(timestamp: int) -> None:
    """Look every minute for deliveries that are due or were lost."""
    claiming.sweep()


@app.periodic(cron="41 3 * * *")
@app.task(name="webhooks.forget", queue="periodic", queueing_lock="webhooks.forget")
def forget(timestamp: int) -> None:
    """Forget events and deliveries that are old."""
    keeping.forget_old_events()
