"""The benchmark `scorecards`: assignments judged and written, beside the SQL that only reads their facts."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.files import COMPANIES
from bench.ground import clear, freshen, prepare
from bench.turn import Clock, Turn, take
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

STATEMENTS = Path(__file__).with_suffix(".sql")
OURS = "muster"
AGAIN = "muster, nothing changed"
READING = "reading_the_facts"
STATES = ("AK", "AL", "AR", "CT", "DE", "FL", "IA", "ID")
LINES = 4


def measure(home: Path, *, rows: int, turns: int, tell: Tell) -> dict[str, Any]:
    """Judge `rows` assignments `turns` times; return medians and ratios.

    Every scorecard is written anew in each turn. The health of appointments is judged too, but was written
    before the first turn, which is told as a step.

    Yardstick: the statements that read the facts of the same producers, in the same chunks, executed and
    fetched, and nothing done with them.
    """
    prepare(home)
    clear(home)
    _fill(rows)
    tell(f"{rows:,} assignments are there")
    first = take("scorecards.judge", rows=rows)
    taken: dict[str, list[Turn]] = defaultdict(list)
    for number in range(1, turns + 1):
        forget(home)
        for name, contestant in ((OURS, "judge"), (READING, "read"), (AGAIN, "judge")):
            turn = take(f"scorecards.{contestant}", rows=rows)
            taken[name].append(turn)
            tell(f"turn {number} of {turns}: {name} {turn.seconds:.2f} s")
    seconds = {name: round(median(turn.seconds for turn in some), 2) for name, some in taken.items()}
    ours = seconds.pop(OURS)
    return {
        "bench": "scorecards",
        "rows": rows,
        "seconds": ours,
        "yardsticks": seconds,
        "steps": {"for the first time, with health": round(first.seconds, 2)},
        "ratios": {name: round(ours / theirs, 3) for name, theirs in seconds.items()},
        "processors": {name: round(median(turn.cpu for turn in some), 2) for name, some in taken.items()},
        "peak_rss_mb": {OURS: max(turn.process_mb for turn in taken[OURS])},
        "turns": turns,
    }


def judge(clock: Clock, *, rows: int) -> None:
    """Judge every assignment and appointment, and write what differs."""
    from django.utils import timezone

    from muster.scorecards.models import Scorecard
    from muster.scorecards.operations import judge_producers

    now = timezone.now()
    ids = _producers()
    with clock.step("judge"):
        judge_producers(producer_ids=ids, today=timezone.localdate(now), now=now)
    if Scorecard.objects.count() != rows:
        raise CannotDoIt("Some assignments were not judged.")


def read(clock: Clock, *, rows: int) -> None:
    """Read what judging asks for, and do nothing with it."""
    from django.db import connection
    from django.utils import timezone

    from muster.scorecards.operations import CHUNK
    from muster.scorecards.sql import statement

    ids = _producers()
    zone = timezone.get_current_timezone_name()
    with clock.step("read"), connection.cursor() as cursor:
        for start in range(0, len(ids), CHUNK):
            asked = {"ids": ids[start : start + CHUNK], "zone": zone}
            for name in ("licenses", "appointments", "actions", "assignments"):
                cursor.execute(statement(name), asked)
                cursor.fetchall()


def _producers() -> list[int]:
    from muster.producers.models import Producer

    return list(Producer.objects.order_by("id").values_list("id", flat=True))


def forget(home: Path) -> None:
    """Have no assignment judged, so that a turn writes every scorecard."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM scorecards_gap")
        cursor.execute("DELETE FROM scorecards_scorecard")
        cursor.execute("DELETE FROM scorecards_judgment")
    freshen(home)


def _fill(rows: int) -> None:
    from django.db import connection

    from muster.access.models import Organization
    from muster.core.words import rules_directory

    with (rules_directory() / "us" / "license_classes.csv").open(encoding="utf-8", newline="") as file:
        classes = {row["state"]: row for row in csv.DictReader(file) if row["general"] == "yes"}
    lines = []
    with (rules_directory() / "us" / "lines_of_authority.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            general = classes.get(row["state"])
            if general and row["license_class_code"] == general["license_class_code"]:
                lines.append(row)
    of_state: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in lines:
        if row["category"] in ("life", "health", "property", "casualty"):
            of_state[row["state"]].append(row)
    chosen = [row for state in STATES for row in of_state[state][:LINES]]
    values = {
        "organization": Organization.objects.get(slug="bench").pk,
        "rows": rows,
        "states": list(STATES),
        "class_codes": [classes[state]["license_class_code"] for state in STATES],
        "class_names": [classes[state]["license_class_name"] for state in STATES],
        "line_states": [row["state"] for row in chosen],
        "line_codes": [row["loa_code"] for row in chosen],
        "line_names": [row["loa_name"] for row in chosen],
        "cocodes": list(COMPANIES)[:2],
    }
    with connection.cursor() as cursor:
        for statement in filter(str.strip, STATEMENTS.read_text("utf-8").split(";\n")):
            cursor.execute(statement, values)
