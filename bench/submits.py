"""The benchmark `submit`: filings sent to a slow sandbox, beside what waiting alone would take."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from bench.appoints import LINES
from bench.ground import clear, freshen, prepare, writes
from bench.syncs import sandbox
from bench.turn import Clock, Turn, take
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

STATEMENTS = Path(__file__).with_suffix(".sql")
OURS = "muster"
CALLS = "bare_calls"
BOUND = "latency_bound"


def measure(
    home: Path, *, rows: int, turns: int, tell: Tell, concurrency: int = 16, latency_ms: float = 50
) -> dict[str, Any]:
    """Send `rows` transactions that were released, `turns` times; return medians and ratios.

    Counted is everything from the first claim, with its judging, to the last answer on record. Yardsticks:
    the time in which so many calls at once can wait for all answers, and the time in which as many threads
    file the same with the same client and throw the answers away.
    """
    prepare(home)
    taken: dict[str, list[Turn]] = defaultdict(list)
    written: dict[str, int] = {}
    # Nothing is decided meanwhile: that is the registry's own work, and not of filing.
    with sandbox(latency_ms, "--decide-after", "3600") as url:
        os.environ["MUSTER_GATEWAY_URL"] = f"{url}/gateway/v1"
        os.environ["MUSTER_GATEWAY_CONCURRENCY"] = str(concurrency)
        for number in range(1, turns + 1):
            for name, contestant in ((OURS, "submit"), (CALLS, "call")):
                clear(home)
                _fill(rows)
                freshen(home)
                before = writes(home)
                turn = take(f"submits.{contestant}", rows=rows)
                taken[name].append(turn)
                if name == OURS:
                    written = {table: count - before[table] for table, count in writes(home).items()}
                tell(f"turn {number} of {turns}: {name} {turn.seconds:.2f} s")
    seconds = {name: round(median(turn.seconds for turn in some), 2) for name, some in taken.items()}
    ours = seconds.pop(OURS)
    seconds[BOUND] = round(rows * latency_ms / 1000 / concurrency, 2)
    return {
        "bench": "submit",
        "rows": rows,
        "seconds": ours,
        "yardsticks": seconds,
        "ratios": {name: round(ours / theirs, 3) for name, theirs in seconds.items()},
        "reached": {
            name: round(seconds[BOUND] / spent, 3) for name, spent in ((OURS, ours), (CALLS, seconds[CALLS]))
        },
        "cpu_seconds": {name: round(median(turn.cpu for turn in some), 2) for name, some in taken.items()},
        "records": {table: count for table, count in written.items() if count},
        "peak_rss_mb": {OURS: max(turn.process_mb for turn in taken[OURS])},
        "concurrency": concurrency,
        "latency_ms": latency_ms,
        "turns": turns,
    }


def submit(clock: Clock, *, rows: int) -> None:
    """Send what was released."""
    from muster.transactions.models import Transaction
    from muster.transactions.tasks import file_now

    with clock.step("submit"):
        file_now()
    if Transaction.objects.filter(status="submitted").count() != rows:
        raise CannotDoIt("Some transactions were not submitted.")


def call(clock: Clock, *, rows: int) -> None:
    """File the same and do nothing with the answers."""
    from django.conf import settings

    from muster.registry.gateway.client import from_settings
    from muster.registry.port import Filing
    from muster.transactions.models import Transaction

    filings = [
        Filing(
            *(one.kind, one.producer.npn, one.jurisdiction, one.cocode, one.company_name, "", ""),
            *(one.line_code, one.line_name, one.license_number, one.class_code, None, "", ""),
        )
        for one in Transaction.objects.select_related("producer").order_by("id")
    ]
    concurrency = settings.MUSTER_GATEWAY["concurrency"]
    with from_settings() as gateway, ThreadPoolExecutor(concurrency) as pool, clock.step("call"):
        for _ in pool.map(lambda filing: gateway.submit(filing, uuid4()), filings):
            pass
    if len(filings) != rows:
        raise CannotDoIt(f"{len(filings):,} filings were sent, and should be {rows:,}.")


def _fill(rows: int) -> None:
    from django.db import connection

    from muster.access.models import Organization

    values = {
        "organization": Organization.objects.get(slug="bench").pk,
        "rows": rows,
        "codes": [code for code, _, _ in LINES],
        "names": [name for _, name, _ in LINES],
        "categories": [categories for _, _, categories in LINES],
    }
    with connection.cursor() as cursor:
        for statement in STATEMENTS.read_text("utf-8").split(";\n"):
            cursor.execute(statement, values)
