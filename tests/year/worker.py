"""A worker that lives through simulated days: on each it does what the jobs do, then it lets the day pass.

Begun again after it was killed, it takes up the day on which it was killed from its morning. Nothing outlives
it but the database, the sandbox, and the name of that day.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import django
import httpx

from muster.core.alerts import is_weekday

if TYPE_CHECKING:
    from muster.registry.port import Registry
    from muster.registry.storing import Told

ZONE = ZoneInfo("America/Chicago")
HOURS_AT_WORK = 8
DAYS_TO_MEND = 45
"""After the last day, on which nothing goes wrong with alerts any more, it goes on until nothing is left that
failed: what did is tried again the next day."""

UNDER_WAY = 15
"""So many reports are under way when a day passes: they come back after the alerts of the next were read."""


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
            if day > last:
                _post(sandbox, f"{given.control}/alerts", {"faults": {}})
            if not absent[0] <= day <= absent[1]:
                _live(day, partial(_post, sandbox, f"{given.control}/today", {"today": day.isoformat()}))
            if day > last and is_weekday(day) and not _is_anything_left(day):
                _replace(progress, "done")
                return
    raise SystemExit(f"Something is left that no day mends: {_what_is_left()}")


def _post(sandbox: httpx.Client, url: str, told: dict[str, object]) -> None:
    sandbox.post(url, json=told).raise_for_status()


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _replace(progress: Path, text: str) -> None:
    new = progress.with_suffix(".new")
    new.write_text(text)
    new.replace(progress)


def _live(day: date, let_it_come: Callable[[], object]) -> None:
    from muster.core.sync import RetryPolicy
    from muster.registry.adapter import open_alerts, open_registry
    from muster.registry.alerts import is_due, run_due
    from muster.registry.draining import drain
    from muster.registry.operations import due_at, end_pause
    from muster.registry.operations import sweep as sweep_queue
    from muster.registry.storing import store_reports
    from muster.scorecards.operations import sweep

    clock = Clock(datetime(day.year, day.month, day.day, 10, 30, tzinfo=ZONE))
    policy = RetryPolicy(attempts=3, first_wait=0.0, longest_wait=0.0)
    with open_registry() as registry, open_alerts() as service:
        under_way = _under_way(registry, day=day, now=clock())
        let_it_come()
        run_due(service=service, now=clock())
        store_reports(reports=under_way, now=clock())
        sweep_queue(now=clock())
        for _ in range(HOURS_AT_WORK):
            run_due(service=service, now=clock())
            end_pause()
            drain(registry=registry, policy=policy, concurrency=8, random=Random(1), clock=clock)
            if not is_due(now=clock()) and due_at() is None:
                break
            clock.forward(hours=1)
    sweep(today=day, now=clock())


def _under_way(registry: Registry, *, day: date, now: datetime) -> list[Told]:
    """Claim some producers and ask for them, as a drain does; those that fail stay claimed, as if it died."""
    from muster.producers.models import Producer
    from muster.registry.operations import claim, queue_for_sync
    from muster.registry.port import RegistryError

    everyone = list(Producer.objects.order_by("id").values_list("id", flat=True))
    chosen = Random(day.toordinal()).sample(everyone, UNDER_WAY)
    queue_for_sync(producers=Producer.objects.filter(id__in=chosen), now=now - timedelta(days=366))
    reports = []
    for one in claim(limit=UNDER_WAY, now=now):
        with suppress(RegistryError):
            reports.append((one, registry.fetch_report(one.npn, one.kind)))
    return reports


def _is_anything_left(day: date) -> bool:
    """Whether a producer was not synced well, or a report not read, that of this day among them."""
    from django.db.models import Q

    from muster.producers.models import SYNCED, Producer
    from muster.registry.models import AlertDay

    return (
        Producer.objects.exclude(sync_status__in=SYNCED).exists()
        or AlertDay.objects.filter(Q(state="waiting") | Q(next_at__isnull=False)).exists()
        or not AlertDay.objects.filter(day=day).exists()
    )


def _what_is_left() -> list[object]:
    from muster.producers.models import SYNCED, Producer
    from muster.registry.models import AlertDay

    return [
        *Producer.objects.exclude(sync_status__in=SYNCED).values_list("npn", "sync_status", "sync_next_at"),
        *AlertDay.objects.filter(next_at__isnull=False).values_list("day", "state", "tries", "next_at"),
    ]


if __name__ == "__main__":
    main()
