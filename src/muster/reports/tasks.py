"""The jobs of reports."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from muster.reports.schedules import send_due_reports


# Each minute, for the morning may begin at any; but once in a day there is nothing to do.
@app.periodic(cron="* * * * *")
@app.task(name="reports.send_due", queue="periodic", queueing_lock="reports.send_due")
def send_due(timestamp: int) -> None:
    """Tell of the reports that are due."""
    send_due_reports(now=timezone.now())
