"""The benchmark `appoint`: requests from a file to stored verdicts, beside bare COPY of the transactions."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.ground import clear, forget_rows, freshen, keep_rows, prepare, rows_in
from bench.turn import Clock, Turn, take
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

STATEMENTS = Path(__file__).with_suffix(".sql")
OURS = "muster"
ALONE = "judging alone"
COPY = "copy"
TABLE = "transactions_transaction"
FIRST_NPN = 3_000_001
LINES = (
    ("9101", "Life", "life"),
    ("9155", "Accident & Health or Sickness (including Disability)", "health"),
    ("9156", "Health and Sickness (excluding Disability)", "health"),
    ("9157", "Part-Time Fraternal", "life;fraternal"),
)


def measure(home: Path, *, rows: int, turns: int, tell: Tell) -> dict[str, Any]:
    """Request `rows` appointments that fan out to four lines each, `turns` times; return medians and ratios.

    Counted is the time from the file to the stored verdicts: upload, check with its forecast, writing. The
    yardstick copies the transactions that were stored into the same table, with its indexes and foreign keys.
    `verdicts_a_second` is what one core judges in memory, with all facts at hand, and for the whole upload.
    """
    prepare(home)
    file = _file(home / f"appoint-{rows}.csv", rows)
    taken: dict[str, list[Turn]] = defaultdict(list)
    records = {TABLE: 0}
    for number in range(1, turns + 1):
        clear(home)
        _fill(rows)
        freshen(home)
        taken[OURS].append(take("appoints.appoint", file=str(file)))
        records = rows_in(home, [TABLE, "transactions_batch"])
        taken[ALONE].append(take("appoints.judge_alone", rows=rows))
        taken[COPY].append(_copy(home))
        if rows_in(home, [TABLE, "transactions_batch"]) != records:
            raise CannotDoIt("Not all transactions that were stored were copied.")
        for name, some in taken.items():
            tell(f"turn {number} of {turns}: {name} {some[-1].seconds:.2f} s")
    seconds = {name: round(median(turn.seconds for turn in some), 3) for name, some in taken.items()}
    ours = seconds.pop(OURS)
    verdicts = records[TABLE]
    return {
        "bench": "appoint",
        "rows": rows,
        "seconds": ours,
        "yardsticks": seconds,
        "ratios": {name: round(ours / theirs, 3) for name, theirs in seconds.items()},
        "steps": {
            step: round(median(turn.steps[step] for turn in taken[OURS]), 2) for step in taken[OURS][0].steps
        },
        "cpu_seconds": {name: round(median(turn.cpu for turn in some), 2) for name, some in taken.items()},
        "verdicts_a_second": {
            ALONE: round(verdicts / seconds[ALONE]),
            f"{ALONE}, by processor time": round(verdicts / median(turn.cpu for turn in taken[ALONE])),
            OURS: round(verdicts / ours),
        },
        "peak_rss_mb": {OURS: max(turn.process_mb for turn in taken[OURS])},
        "records": records,
        "turns": turns,
    }


def appoint(clock: Clock, *, file: str) -> None:
    """Upload the requests, check them, write their transactions."""
    from django.utils import timezone

    from bench.ours import carry_on, upload
    from muster.access.models import Membership
    from muster.bulk.models import OperationState, Policy
    from muster.bulk.operations import process

    member = Membership.objects.select_related("organization", "user").get()
    with clock.step("upload"):
        operation = upload(member, file, kind="appoint")
    with clock.step("check"):
        carry_on(operation, OperationState.READY)
    with clock.step("process"):
        process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=timezone.now(), defer=False)
        carry_on(operation, OperationState.DONE)


def judge_alone(clock: Clock, *, rows: int) -> None:
    """Judge the same requests over the same facts, which are in memory already."""
    from django.utils import timezone

    from muster.access.models import Organization
    from muster.core.eligibility import judge
    from muster.producers.models import Producer
    from muster.transactions.facts import people_of
    from muster.transactions.terms import setup_of

    organization = Organization.objects.get(slug="bench")
    setup = setup_of(organization.pk, today=timezone.localdate())
    ids = list(Producer.objects.order_by("id").values_list("id", flat=True))
    people = people_of(ids, states=["CA"], cocodes=["90101"])
    for person in people.values():
        # As they were before the requests were answered.
        person.opened = []
    judged = 0
    with clock.step("judge"):
        for person in people.values():
            plan = setup.terms.plan(
                state="CA", cocode="90101", categories=("life", "health"), agent_type="producer"
            )
            judged += len(judge(plan, person, today=setup.today))
    if judged != rows * len(LINES):
        raise CannotDoIt(f"{judged:,} verdicts were given, and should be {rows * len(LINES):,}.")


def _copy(home: Path) -> Turn:
    """COPY the transactions that were stored in the turn before."""
    from bench.bare_copy import columns

    file = home / f"{TABLE}.copy"
    keep_rows(home, TABLE, columns(TABLE), file)
    forget_rows(home, TABLE)
    return take("bare_copy.copy_rows", files={TABLE: str(file)})


def _file(path: Path, rows: int) -> Path:
    from muster.imports.appoint_columns import COLUMNS

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.header for column in COLUMNS)
        writer.writerows([FIRST_NPN + number, "CA", "90101", "life;health"] for number in range(rows))
    return path


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
        for statement in filter(str.strip, STATEMENTS.read_text("utf-8").split(";\n")):
            cursor.execute(statement, values)
