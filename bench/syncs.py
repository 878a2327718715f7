"""The benchmark `sync`: producers synced with a slow sandbox, beside what waiting alone would take."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.ground import add_producers, clear, freshen, prepare, writes
from bench.turn import Clock, Turn, take
from muster.cli.lifetime import PARENT
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

OURS = "muster"
AGAIN = "muster, nothing changed"
CALLS = "bare_calls"
BOUND = "latency_bound"
FIRST_NPN = 1_000_001


def measure(
    home: Path, *, rows: int, turns: int, tell: Tell, concurrency: int = 16, latency_ms: float = 50
) -> dict[str, Any]:
    """Sync `rows` producers `turns` times; return medians and ratios.

    Yardsticks: the time in which so many calls at once can wait for all answers, and the time in which as
    many threads fetch all answers with the same HTTP client and throw them away. What the second sync wrote,
    in which nothing has changed, is counted by the database (`written_again`).
    """
    prepare(home)
    taken: dict[str, list[Turn]] = defaultdict(list)
    written: dict[str, int] = {}
    with sandbox(latency_ms) as url:
        os.environ["MUSTER_REGISTRY_URL"] = f"{url}/pdb-xml-reports"
        os.environ["MUSTER_REGISTRY_CONCURRENCY"] = str(concurrency)
        for number in range(1, turns + 1):
            clear(home)
            for name, contestant in ((OURS, "sync"), (AGAIN, "sync"), (CALLS, "call")):
                freshen(home)
                before = writes(home)
                turn = take(f"syncs.{contestant}", rows=rows)
                taken[name].append(turn)
                if name == AGAIN:
                    written = {table: count - before[table] for table, count in writes(home).items()}
                tell(f"turn {number} of {turns}: {name} {turn.seconds:.2f} s")
    seconds = {name: round(median(turn.seconds for turn in some), 2) for name, some in taken.items()}
    ours = seconds.pop(OURS)
    seconds[BOUND] = round(rows * latency_ms / 1000 / concurrency, 2)
    return {
        "bench": "sync",
        "rows": rows,
        "seconds": ours,
        "yardsticks": seconds,
        "ratios": {name: round(ours / theirs, 3) for name, theirs in seconds.items()},
        "reached": {
            name: round(seconds[BOUND] / spent, 3)
            for name, spent in ((OURS, ours), (AGAIN, seconds[AGAIN]), (CALLS, seconds[CALLS]))
        },
        "cpu_seconds": {name: round(median(turn.cpu for turn in some), 2) for name, some in taken.items()},
        "written_again": {table: count for table, count in written.items() if count},
        "peak_rss_mb": {OURS: max(turn.process_mb for turn in taken[OURS])},
        "concurrency": concurrency,
        "latency_ms": latency_ms,
        "turns": turns,
    }


def sync(clock: Clock, *, rows: int) -> None:
    """Sync the producers, those of an earlier turn again."""
    from django.utils import timezone

    from muster.producers.models import Producer, SyncStatus
    from muster.registry.tasks import drain_now

    if not Producer.objects.exists():
        add_producers(str(FIRST_NPN + number) for number in range(rows))
    Producer.objects.update(sync_status=SyncStatus.QUEUED, sync_next_at=timezone.now())
    with clock.step("sync"):
        drain_now()
    if Producer.objects.exclude(sync_status=SyncStatus.SUCCESS).exists():
        raise CannotDoIt("Some producers were not synced.")


def call(clock: Clock, *, rows: int) -> None:
    """Fetch the same reports and do nothing with them."""
    from django.conf import settings

    from muster.registry.nipr.client import ENTITY_INFO, LARGEST_ANSWER, from_settings

    concurrency = settings.MUSTER_REGISTRY["concurrency"]
    with from_settings() as registry, ThreadPoolExecutor(concurrency) as pool, clock.step("call"):

        def fetch(npn: int) -> None:
            form = {"report_type": "1", "id_entity": str(npn)}
            registry.transport.post(f"{registry.url}/{ENTITY_INFO}", data=form, largest=LARGEST_ANSWER)

        for _ in pool.map(fetch, range(FIRST_NPN, FIRST_NPN + rows)):
            pass


@contextmanager
def sandbox(latency_ms: float, *options: str) -> Iterator[str]:
    """Run a sandbox registry whose answers take so long; give its address."""
    process = subprocess.Popen(
        # Without a life of their own, so that the second sync is told what the first was.
        [
            *(sys.executable, "-m", "muster.cli", "sandbox", "--port", "0"),
            *("--life", "0", "--latency-ms", str(latency_ms), *options),
        ],
        env=os.environ | {PARENT: str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        with process.stdout as output:
            line = output.readline()
            if "listening on " not in line:
                raise CannotDoIt("The sandbox registry did not start.")
            yield line.rpartition("listening on ")[2].strip()
    finally:
        process.terminate()
        process.wait()
