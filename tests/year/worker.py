"""A worker that lives through simulated days: on each it does what the jobs do, then it lets the day pass.

Begun again after it was killed, it takes up the day on which it was killed from its morning. Nothing outlives
it but the database, the sandbox, and the name of that day.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import django
import httpx

from muster.core.alerts import is_weekday

ZONE = ZoneInfo("America/Chicago")
HOURS_AT_WORK = 8
DAYS_TO_MEND = 20
"""After the last day it goes on until nothing is left that failed: what did is tried again the next day."""


@dataclass
class Clock:
    """Goes on by itself from where it is set, and can be put forward."""

    at: datetime
    since: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self.since)

    def forward(self, hours: float) -> None:
        self.at += timedelta(hours=hours)


def main() -> None:
    """Live from the day in the file to the last one."""
    parser = argparse.ArgumentParser()
    for name in ("control", "progress", "last"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--absent", nargs=2, required=True)
    given = parser.parse_args()
    django.setup()
    progress = Path(given.progress)
    absent = [date.fromisoformat(day) for day in given.absent]
    last = date.fromisoformat(given.last)
    with httpx.Client(trust_env=False, timeout=60) as sandbox:
        for day in _days(date.fromisoformat(progress.read_text()), last + timedelta(days=DAYS_TO_MEND)):
            _replace(progress, day.isoformat())
            if not absent[0] <= day <= absent[1]:
                sandbox.post(given.control, json={"today": day.isoformat()}).raise_for_status()
                _live(day)
            if day >= last and is_weekday(day) and not _is_anything_left(day):
                _replace(progress, "done")
                return
    raise SystemExit("Something is left that no day mends.")


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _replace(progress: Path, text: str) -> None:
    new = progress.with_suffix(".new")
    new.write_text(text)
    new.replace(progress)


def _live(day: date) -> None:
    from muster.core.sync import RetryPolicy
    from muster.registry.adapter import open_alerts, open_registry
    from muster.registry.alerts import is_due, run_due
    from muster.registry.draining import drain
    from muster.registry.operations import due_at, end_pause
    from muster.scorecards.operations import sweep

    clock = Clock(datetime(day.year, day.month, day.day, 10, 30, tzinfo=ZONE))
    policy = RetryPolicy(attempts=3, first_wait=0.0, longest_wait=0.0)
    with open_registry() as registry, open_alerts() as service:
        for _ in range(HOURS_AT_WORK):
            run_due(service=service, now=clock())
            end_pause()
            drain(registry=registry, policy=policy, concurrency=8, random=Random(1), clock=clock)
            if not is_due(now=clock()) and due_at() is None:
                break
            clock.forward(hours=1)
    sweep(today=day, now=clock())


def _is_anything_left(day: date) -> bool:
    """Whether a producer was not synced well, or a report not read, that of this day among them."""
    from muster.producers.models import SYNCED, Producer
    from muster.registry.models import AlertDay

    return (
        Producer.objects.exclude(sync_status__in=SYNCED).exists()
        or AlertDay.objects.filter(state="waiting").exists()
        or not AlertDay.objects.filter(day=day).exists()
    )


if __name__ == "__main__":
    main()
