"""The benchmark `terminate`: ends of appointments from a file to transactions, beside bare COPY of them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.appoints import FIRST_NPN, TABLE
from bench.ground import clear, forget_rows, freshen, keep_rows, prepare, rows_in
from bench.turn import Clock, Turn, take
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

STATEMENTS = Path(__file__).with_suffix(".sql")
OURS = "muster"
COPY = "copy"
STATES = ("AL", "CA", "FL", "KY", "NC")
COCODES = ("90101", "90102")
REASON = "Voluntary termination"


def measure(home: Path, *, rows: int, turns: int, tell: Tell) -> dict[str, Any]:
    """End `rows` appointments out of twice as many, `turns` times; return medians and ratios.

    A row is one appointment of a list of them as it is exported. Counted is the time from the file to the
    stored transactions: upload, check with its forecast, writing, in a batch for each state and company. The
    yardstick copies the transactions that were stored into the same table, with its indexes and foreign keys.
    """
    prepare(home)
    producers = -(-rows // (len(STATES) * len(COCODES)))
    file = _file(home / f"terminate-{rows}.csv", rows)
    taken: dict[str, list[Turn]] = defaultdict(list)
    records = {TABLE: 0}
    for number in range(1, turns + 1):
        clear(home)
        _fill(producers)
        freshen(home)
        taken[OURS].append(take("terminates.terminate", file=str(file)))
        records = rows_in(home, [TABLE, "transactions_batch"])
        if records[TABLE] != rows:
            raise CannotDoIt(f"{records[TABLE]:,} transactions were stored, and should be {rows:,}.")
        taken[COPY].append(_copy(home))
        if rows_in(home, [TABLE, "transactions_batch"]) != records:
            raise CannotDoIt("Not all transactions that were stored were copied.")
        for name, some in taken.items():
            tell(f"turn {number} of {turns}: {name} {some[-1].seconds:.2f} s")
    seconds = {name: round(median(turn.seconds for turn in some), 3) for name, some in taken.items()}
    ours = seconds.pop(OURS)
    return {
        "bench": "terminate",
        "rows": rows,
        "seconds": ours,
        "yardsticks": seconds,
        "ratios": {name: round(ours / theirs, 3) for name, theirs in seconds.items()},
        "steps": {
            step: round(median(turn.steps[step] for turn in taken[OURS]), 2) for step in taken[OURS][0].steps
        },
        "cpu_seconds": {name: round(median(turn.cpu for turn in some), 2) for name, some in taken.items()},
        "peak_rss_mb": {OURS: max(turn.process_mb for turn in taken[OURS])},
        "records": records,
        "turns": turns,
    }


def terminate(clock: Clock, *, file: str) -> None:
    """Upload the rows, check them, write their transactions."""
    from django.utils import timezone

    from bench.ours import carry_on, upload
    from muster.access.models import Membership
    from muster.bulk.models import OperationState, Policy
    from muster.bulk.operations import process

    member = Membership.objects.select_related("organization", "user").get()
    with clock.step("upload"):
        operation = upload(member, file, kind="terminate")
    with clock.step("check"):
        carry_on(operation, OperationState.READY)
    with clock.step("process"):
        process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=timezone.now(), defer=False)
        carry_on(operation, OperationState.DONE)


def _copy(home: Path) -> Turn:
    """COPY the transactions that were stored in the turn before."""
    from bench.bare_copy import columns

    file = home / f"{TABLE}.copy"
    keep_rows(home, TABLE, columns(TABLE), file)
    forget_rows(home, TABLE)
    return take("bare_copy.copy_rows", files={TABLE: str(file)})


def _file(path: Path, rows: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        header = ("Related Producer", "NPN", "State Code", "Line of Authority", "CoCode")
        writer.writerow((*header, "Termination Reason"))
        for number in range(rows):
            producer, place = divmod(number, len(STATES) * len(COCODES))
            state, company = divmod(place, len(COCODES))
            who = (f"Alder{producer + 1}, Ada", FIRST_NPN + producer)
            writer.writerow((*who, STATES[state], "Life", COCODES[company], REASON))
    return path


def _fill(producers: int) -> None:
    from django.db import connection

    from muster.access.models import Organization

    values = {
        "organization": Organization.objects.get(slug="bench").pk,
        "producers": producers,
        "states": list(STATES),
        "cocodes": list(COCODES),
    }
    with connection.cursor() as cursor:
        for statement in filter(str.strip, STATEMENTS.read_text("utf-8").split(";\n")):
            cursor.execute(statement, values)
