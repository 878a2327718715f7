"""The benchmark `check`: how soon the check page shows what was found in a file full of faults."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

from bench.files import write_agents
from bench.ground import clear, prepare
from bench.imports import OURS, Tell, peaks
from bench.turn import Turn, take

SHARE_OF_FAULTS = 5
"""One row of so many names a state that there is not."""


def measure(home: Path, *, rows: int, turns: int, tell: Tell) -> dict[str, Any]:
    """Check files with faults in every fifth row; return the seconds from its end to findings.

    Once with a few wrong values that come again, once with another in each row; `seconds` is the worse.
    A browser asks once a second, so the whole second before its question counts too.
    """
    prepare(home)
    faults = rows // SHARE_OF_FAULTS
    files = {
        f"{faults:,} faults, {what}": write_agents(
            home / f"faults-{rows}-{number}.csv", rows, faults=faults, different=bool(number)
        )
        for number, what in enumerate(("4 wrong values", "each its own value"))
    }
    taken: dict[str, list[Turn]] = {name: [] for name in files}
    for number in range(1, turns + 1):
        for name, file in files.items():
            clear(home)
            turn = take("page.first_findings", file=str(file))
            taken[name].append(turn)
            tell(f"turn {number} of {turns}: {name} {turn.seconds:.2f} s")
    steps = {name: round(median(turn.seconds for turn in turns), 2) for name, turns in taken.items()}
    return {
        "bench": "check",
        "rows": rows,
        "seconds": max(steps.values()),
        "yardsticks": {},
        "ratios": {},
        "peak_rss_mb": peaks({OURS: [turn for turns in taken.values() for turn in turns]}),
        "steps": steps,
        "turns": turns,
    }
