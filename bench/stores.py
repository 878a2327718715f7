"""The benchmark `store`: parsed reports merged with what is on record, beside bare COPY of the same rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.ground import add_producers, clear, freshen, keep_rows, no_history, prepare, rows_in, writes
from bench.turn import Clock, Turn, take
from muster.config.errors import CannotDoIt
from muster.core.report import (
    APPOINTED,
    Address,
    Appointment,
    Contact,
    License,
    Line,
    ProducerReport,
    merged_appointments,
)

if TYPE_CHECKING:
    from muster.registry.operations import Claim

Tell = Callable[[str], None]

OURS = "muster"
AGAIN = "muster, nothing changed"
COPY = "copy"

FIRST_NPN = 3_000_001
STATES = ("AZ", "CA", "CO", "FL", "GA", "IL", "MA", "MN", "NC", "NJ", "NY", "OH", "PA", "TX", "VA", "WA")
LINES = (("16", "Life"), ("933", "Accident and Health or Sickness"), ("973", "Property"), ("974", "Casualty"))
LICENSES = 8
APPOINTMENTS = 6
LONG_AGO = date(2016, 3, 1)


def measure(home: Path, *, rows: int, turns: int, tell: Tell) -> dict[str, Any]:
    """Store the reports of `rows` producers `turns` times, and the same again; return medians and ratios.

    A report has 8 licenses, 30 lines, 6 appointments, 8 addresses and 3 contacts; storing it judges the
    producer's assignment and appointments. The yardstick copies the rows that were stored into the same
    tables, with their indexes and foreign keys and without the triggers of the history. What the second
    storing wrote is counted by the database (`written_again`).
    """
    prepare(home)
    taken: dict[str, list[Turn]] = defaultdict(list)
    records: dict[str, int] = {}
    written: dict[str, int] = {}
    for number in range(1, turns + 1):
        clear(home)
        taken[OURS].append(take("stores.store", rows=rows))
        freshen(home)
        before = writes(home)
        taken[AGAIN].append(take("stores.store", rows=rows))
        written = {table: count - before[table] for table, count in writes(home).items()}
        records = rows_in(home, _tables())
        taken[COPY].append(_copy(home))
        if rows_in(home, _tables()) != records:
            raise CannotDoIt("Not all rows that were stored were copied.")
        for name, some in taken.items():
            tell(f"turn {number} of {turns}: {name} {some[-1].seconds:.2f} s")
    seconds = {name: round(median(turn.seconds for turn in some), 2) for name, some in taken.items()}
    ours = seconds.pop(OURS)
    return {
        "bench": "store",
        "rows": rows,
        "seconds": ours,
        "yardsticks": seconds,
        "ratios": {name: round(ours / theirs, 3) for name, theirs in seconds.items()},
        "cpu_seconds": {name: round(median(turn.cpu for turn in some), 2) for name, some in taken.items()},
        "peak_rss_mb": {OURS: max(turn.process_mb for turn in taken[OURS])},
        "records": records,
        "written_again": {table: count for table, count in written.items() if count},
        "turns": turns,
    }


def store(clock: Clock, *, rows: int) -> None:
    """Store the reports of the producers, those of an earlier turn again."""
    from muster.registry.calls import BATCH
    from muster.registry.storing import store_reports

    told = list(zip(_claims(rows), map(report_of, range(rows)), strict=True))
    with clock.step("store"):
        for start in range(0, rows, BATCH):
            now = datetime.now(UTC)
            if store_reports(reports=told[start : start + BATCH], now=now):
                raise CannotDoIt("Some reports were not stored.")


def report_of(number: int) -> ProducerReport:
    """The report of an invented producer: the same for the same number."""
    states = [STATES[(number + 5 * place) % len(STATES)] for place in range(LICENSES)]
    expires = date(2027, 1, 1) + timedelta(days=number % 700)
    licenses = tuple(
        License(
            state=state,
            number=f"{number:07d}{place}",
            class_code="111",
            class_name="Insurance Producer",
            residency="R" if place == 0 else "NR",
            is_active=True,
            issued_on=LONG_AGO,
            expires_on=expires,
            updated_on=LONG_AGO,
            lines=tuple(
                Line(code=code, name=name, status="Active", status_reason_on=LONG_AGO, issued_on=LONG_AGO)
                # 30 lines on 8 licenses
                for code, name in LINES[: 3 if place in (3, 7) else 4]
            ),
        )
        for place, state in enumerate(states)
    )
    return ProducerReport(
        npn=str(FIRST_NPN + number),
        first_name="Ada",
        last_name=f"Alder{number}",
        born_on=date(1970, 1, 1) + timedelta(days=number % 9000),
        addresses=tuple(
            Address(state, "1", "Business", f"{number} Main Street", city="Springfield", zip="62701")
            for state in sorted(states)
        ),
        contacts=tuple(
            Contact(states[0], kind, value)
            for kind, value in (
                ("email", f"ada{number}@mail.example"),
                ("fax", "5550100"),
                ("phone", f"555{number % 10_000_000:07d}"),
            )
        ),
        licenses=tuple(sorted(licenses, key=lambda one: one.key)),
        appointments=merged_appointments(
            Appointment(
                state=state,
                cocode=f"9{place:04d}",
                company_name="Northstar Life Insurance Company",
                fein="999999999",
                line_name="Life",
                line_code="16",
                status=APPOINTED,
                status_on=LONG_AGO,
                renews_on=expires,
            )
            for place, state in enumerate(states[:APPOINTMENTS])
        ),
    )


def _claims(rows: int) -> list[Claim]:
    """Claim the producers, as a drain does; make them where there are none."""
    from muster.producers.models import Producer, SyncStatus
    from muster.registry.operations import Claim

    if not Producer.objects.exists():
        add_producers(str(FIRST_NPN + number) for number in range(rows))
    now = datetime.now(UTC)
    Producer.objects.update(sync_status=SyncStatus.PROCESSING, sync_claimed_at=now)
    found = Producer.objects.order_by("id").values_list("id", "npn")
    return [Claim(key, npn, "individual", 0, now) for key, npn in found]


def _tables() -> tuple[str, ...]:
    """The tables that reports are stored in."""
    from muster.producers.models import Producer
    from muster.registry.storing import RECORDS

    return (Producer._meta.db_table, *(record.table for record in RECORDS))


def _copy(home: Path) -> Turn:
    """COPY the rows that were stored in the turn before."""
    from bench.bare_copy import columns

    files = {}
    for table in _tables():
        files[table] = str(home / f"{table}.copy")
        keep_rows(home, table, columns(table), Path(files[table]))
    clear(home)
    with no_history(home):
        return take("bare_copy.copy_rows", files=files)
