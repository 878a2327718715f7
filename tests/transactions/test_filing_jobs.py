"""The jobs of filing: what the sweep sees to, and what follows what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.transactions import tasks
from muster.transactions.models import Transaction
from muster.transactions.queue import FILE_TASK, FOLLOW_TASK
from tests.transactions.filing import ScriptedGateway, file_with, released

pytestmark = pytest.mark.django_db(transaction=True)


def jobs() -> list[tuple[str, bool]]:
    return sorted(
        (job.task_name, job.scheduled_at is not None)
        for job in ProcrastinateJob.objects.exclude(task_name__startswith="scorecards")
    )


def test_the_sweep_has_done_what_is_due_and_nothing_else(settings: Any) -> None:
    now = timezone.now()
    tasks.sweep(now=now)
    assert jobs() == []
    released()
    tasks.sweep(now=now - timedelta(minutes=1))
    assert jobs() == []
    tasks.sweep(now=timezone.now())
    assert jobs() == [(FILE_TASK, False)]
    ProcrastinateJob.objects.all().delete()
    Transaction.objects.update(status="submitted", claimed_at=now, filing_key=UUID(int=1))
    tasks.sweep(now=timezone.now())
    assert jobs() == [(FOLLOW_TASK, False)]
    settings.MUSTER_GATEWAY = {**settings.MUSTER_GATEWAY, "url": ""}
    ProcrastinateJob.objects.all().delete()
    tasks.sweep(now=timezone.now())
    assert jobs() == []


def test_without_a_gateway_what_is_released_waits(settings: Any) -> None:
    settings.MUSTER_GATEWAY = {**settings.MUSTER_GATEWAY, "url": ""}
    [one] = released()
    assert tasks.file_now().count == 0
    assert tasks.ask_now().asked == 0
    one.refresh_from_db()
    assert one.status == "ready"


def test_what_was_filed_is_followed() -> None:
    released()
    file_with(ScriptedGateway())
    assert jobs() == [(FOLLOW_TASK, True)]
