"""The benchmark `import`: an Agent upload, from the file to its results file, beside its yardsticks."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from bench.files import assigned, write_agents
from bench.ground import clear, keep_rows, prepare, written
from bench.turn import Turn, take
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

OURS = "muster"
COPY = "copy"
AS_IT_COMES = "django-import-export"
TUNED = "django-import-export-tuned"
YARDSTICKS = (COPY, AS_IT_COMES, TUNED)

SAMPLE = 5_000
"""So many rows of the slow yardstick are timed. A row takes it longer among more, so scaling flatters it."""

SIZES = (10_000, 100_000, 1_000_000)


class Import:
    """One file, imported by each contestant from the same empty tables."""

    def __init__(self, home: Path, rows: int) -> None:
        self.home = home
        self.rows = rows
        self.file = write_agents(home / f"agents-{rows}.csv", rows)
        self._expected = (rows, assigned(self.file))

    def ours(self) -> Turn:
        return self._take("ours.import_file", results=str(self.home / f"results-{self.rows}.csv"))

    def copy(self) -> Turn:
        """COPY of the rows that Muster wrote in the turn before."""
        from bench.bare_copy import columns

        files = {}
        for table in ("producers_producer", "assignments_assignment"):
            files[table] = str(self.home / f"{table}.copy")
            keep_rows(self.home, table, columns(table), Path(files[table]))
        return self._take("bare_copy.copy_rows", file=None, files=files)

    def as_it_comes(self) -> Turn:
        return self._take("import_export_peer.as_it_comes")

    def tuned(self) -> Turn:
        return self._take("import_export_peer.tuned")

    def _take(self, contestant: str, **params: Any) -> Turn:
        params = {"file": str(self.file)} | params
        clear(self.home)
        turn = take(contestant, **{name: value for name, value in params.items() if value is not None})
        if written(self.home) != self._expected:
            raise CannotDoIt(f"{contestant} wrote {written(self.home)}, and should have {self._expected}.")
        return turn


def measure(
    home: Path,
    *,
    rows: int,
    turns: int,
    tell: Tell,
    whole: bool = False,
    yardsticks: Collection[str] = YARDSTICKS,
) -> dict[str, Any]:
    """Import `rows` rows `turns` times with each contestant in alternation; return medians and ratios.

    The slow yardstick is timed on a sample and scaled, unless `whole`. Raises CannotDoIt where a yardstick is
    not installed.
    """
    if {TUNED, AS_IT_COMES}.intersection(yardsticks) and not (
        find_spec("import_export") and find_spec("tablib")
    ):
        raise CannotDoIt("The yardsticks of imports are not installed; run: make bench")
    prepare(home)
    full = Import(home, rows)
    sample = full if whole or rows <= SAMPLE else Import(home, SAMPLE)
    contestants: list[tuple[str, Callable[[], Turn], float]] = [
        (OURS, full.ours, 1),
        (COPY, full.copy, 1),
        (TUNED, full.tuned, 1),
        (AS_IT_COMES, sample.as_it_comes, rows / sample.rows),
    ]
    contestants = [one for one in contestants if one[0] in {OURS, *yardsticks}]
    taken: dict[str, list[Turn]] = defaultdict(list)
    for number in range(1, turns + 1):
        for name, contestant, _ in contestants:
            turn = contestant()
            taken[name].append(turn)
            tell(f"turn {number} of {turns}: {name} {turn.seconds:.2f} s")
    seconds = {
        name: round(median(turn.seconds for turn in taken[name]) * scale, 2) for name, _, scale in contestants
    }
    ours = seconds.pop(OURS)
    report = {
        "bench": "import",
        "rows": rows,
        "seconds": ours,
        "yardsticks": seconds,
        "ratios": {name: round(ours / theirs, 3) for name, theirs in seconds.items()},
        "peak_rss_mb": peaks(taken),
        "steps": _steps(taken[OURS]),
        "cpu_seconds": {
            name: round(median(turn.cpu for turn in taken[name]) * scale, 2) for name, _, scale in contestants
        },
        "turns": turns,
    }
    if sample is not full and AS_IT_COMES in seconds:
        report["sampled"] = {AS_IT_COMES: {"rows": sample.rows, "scaled_by": rows / sample.rows}}
    return report


def scale(home: Path, *, sizes: Sequence[int] = SIZES, turns: int, tell: Tell) -> dict[str, Any]:
    """Import files of growing size in alternation; return how time and memory grow.

    The exponent is that of a power of rows: the slope of the line through the medians, on logarithmic axes.
    """
    prepare(home)
    files = [Import(home, rows) for rows in sizes]
    taken: dict[int, list[Turn]] = defaultdict(list)
    for number in range(1, turns + 1):
        for file in files:
            turn = file.ours()
            taken[file.rows].append(turn)
            tell(f"turn {number} of {turns}: {file.rows:,} rows {turn.seconds:.2f} s, {turn.process_mb} MB")
    medians = {rows: median(turn.seconds for turn in taken[rows]) for rows in sizes}
    used = {rows: median(turn.cpu for turn in taken[rows]) for rows in sizes}
    return {
        "bench": "import",
        "rows": max(sizes),
        "seconds": round(medians[max(sizes)], 2),
        "yardsticks": {},
        "ratios": {},
        "peak_rss_mb": peaks({OURS: taken[max(sizes)]}),
        "exponent": _exponent(medians),
        "cpu_exponent": _exponent(used),
        "scaling": [
            {
                "rows": rows,
                "seconds": round(medians[rows], 2),
                "cpu_seconds": round(used[rows], 2),
                "peak_rss_mb": peaks({OURS: taken[rows]}),
                "steps": _steps(taken[rows]),
            }
            for rows in sizes
        ],
        "turns": turns,
    }


def _exponent(seconds: dict[int, float]) -> float:
    line = linear_regression([math.log(rows) for rows in seconds], [math.log(s) for s in seconds.values()])
    return round(line.slope, 3)


def peaks(taken: dict[str, list[Turn]]) -> dict[str, int]:
    """The highest peak of each process; a contestant's session with the database is a process too."""
    found = {}
    for name, turns in taken.items():
        found[name] = max(turn.process_mb for turn in turns)
        if sessions := [turn.session_mb for turn in turns if turn.session_mb]:
            found[f"{name}, postgres session"] = max(sessions)
    return found


def _steps(turns: list[Turn]) -> dict[str, float]:
    return {step: round(median(turn.steps[step] for turn in turns), 2) for step in turns[0].steps}
