"""The benchmark `estimate`: what every line of every state costs, beside writing down the question."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import p95
from muster.core.licensing import Line, estimate_license
from muster.core.lines import known_lines
from muster.core.rules.book import rulebook

Tell = Callable[[str], None]

BARE = "json"
DAY = date(2026, 11, 27)


def measure(home: Path, *, rows: int, turns: int, tell: Tell) -> dict[str, Any]:
    """Estimate every line of every state at once, `rows` times a turn; `seconds` is the 95th percentile.

    That is what a click in the wizard asks for at most. The yardstick, taken in alternation, is writing the
    same question as JSON. The rules have been read before, as in a server that runs.
    """
    del home
    asked: dict[str, list[Line]] = defaultdict(list)
    for line in known_lines():
        asked[line.state].append(Line(line.name, line.code, line.class_code, line.class_name))
    _estimate(asked)
    lines = sum(map(len, asked.values()))
    tell(f"{len(asked)} states with {lines:,} lines")
    taken: dict[str, list[float]] = {"muster": [], BARE: []}
    for turn in range(1, turns + 1):
        for _ in range(rows):
            began = time.perf_counter()
            _estimate(asked)
            estimated = time.perf_counter()
            json.dumps(asked)
            taken["muster"].append(estimated - began)
            taken[BARE].append(time.perf_counter() - estimated)
        tell(f"turn {turn} of {turns}: {p95(taken['muster']) * 1000:.1f} ms")
    ours, bare = p95(taken["muster"]), p95(taken[BARE])
    return {
        "bench": "estimate",
        "rows": lines,
        "seconds": round(ours, 5),
        "yardsticks": {BARE: round(bare, 5)},
        "ratios": {BARE: round(ours / bare, 3)},
        "steps": {"muster, median": round(median(taken["muster"]), 5)},
        "peak_rss_mb": {},
        "turns": turns,
    }


def _estimate(asked: dict[str, list[Line]]) -> int:
    book = rulebook()
    return sum(
        estimate_license(
            book,
            state=state,
            residency="nonresident",
            home_state="CA",
            entity="individual",
            lines=lines,
            on=DAY,
            registry_fee=560,
        ).known
        for state, lines in asked.items()
    )
