"""The benchmark `report`: the export of a report, from the request to the file, beside bare COPY."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.ground import clear, freshen, no_history, prepare
from bench.turn import Clock, Turn, take
from muster.config.errors import CannotDoIt

Tell = Callable[[str], None]

STATEMENTS = Path(__file__).with_suffix(".sql")
OURS = "muster"
COPY = "copy"
WITH_LICENSES = "with the license beside each row"
SHIPPED = "columns=producer,npn,state,line,cocode&where=status:is:Appointed"
LICENSES = "columns=license_number,producer,npn,state,line,cocode&where=status:is:Appointed"

# The same cells of the same rows, as short as it can be said.
BARE = """
COPY (
    SELECT producer.last_name || ', ' || producer.first_name, npn, state, line_name, cocode
    FROM appointments_appointment AS appointment
    JOIN producers_producer AS producer ON producer.id = appointment.producer_id
    WHERE appointment.organization_id = {organization} AND status = 'Appointed' AND gone_at IS NULL
) TO STDOUT (FORMAT csv)
"""


def measure(home: Path, *, rows: int, turns: int, tell: Tell) -> dict[str, Any]:
    """Export about `rows` appointments in force as CSV, `turns` times; return medians and ratios.

    Counted is the time from the request, through the whole site, until the last byte is in the file. The
    yardstick writes the same cells of the same rows by bare COPY, block by block as they come.
    """
    prepare(home)
    clear(home)
    with no_history(home):
        _fill(rows)
    freshen(home)
    tell("the appointments are there")
    taken: dict[str, list[Turn]] = defaultdict(list)
    lines: dict[str, int] = {}
    for number in range(1, turns + 1):
        for name, turn, options in (
            (OURS, "export", {"query": SHIPPED}),
            (COPY, "copy", {}),
            (WITH_LICENSES, "export", {"query": LICENSES}),
        ):
            file = home / "report.csv"
            taken[name].append(take(f"reports.{turn}", file=str(file), **options))
            lines[name] = _lines(file)
            tell(f"turn {number} of {turns}: {name} {taken[name][-1].seconds:.2f} s")
    if lines[OURS] - 1 != lines[COPY]:
        raise CannotDoIt(f"{lines[OURS] - 1:,} rows were exported, and {lines[COPY]:,} copied.")
    seconds = {name: round(median(turn.seconds for turn in some), 3) for name, some in taken.items()}
    ours, with_licenses = seconds.pop(OURS), seconds.pop(WITH_LICENSES)
    return {
        "bench": "report",
        "rows": lines[COPY],
        "seconds": ours,
        "yardsticks": seconds,
        "ratios": {name: round(ours / theirs, 3) for name, theirs in seconds.items()},
        "steps": {WITH_LICENSES: with_licenses},
        "cpu_seconds": {name: round(median(turn.cpu for turn in some), 2) for name, some in taken.items()},
        "peak_rss_mb": {name: max(turn.process_mb for turn in some) for name, some in taken.items()},
        "turns": turns,
    }


def export(clock: Clock, *, file: str, query: str) -> None:
    """Ask the site for the export, and write what comes."""
    from django.test import Client

    from muster.access.models import Membership

    client = Client(headers={"host": "localhost"})
    client.force_login(Membership.objects.select_related("user").get().user)
    address = f"/reports/build/licensing-with-appointments/export/csv/?{query}"
    # What a server has read long before: its addresses and templates.
    client.get("/reports/")
    with clock.step("export"), Path(file).open("wb") as taken:
        response = client.get(address)
        for block in response.streaming_content:
            taken.write(block)
        response.close()


def copy(clock: Clock, *, file: str) -> None:
    """COPY the same rows, and write what comes."""
    from django.db import connection

    from muster.access.models import Organization

    statement = BARE.format(organization=Organization.objects.get().pk)
    with (
        clock.step("copy"),
        Path(file).open("wb") as taken,
        connection.cursor() as cursor,
        cursor.copy(statement) as lines,
    ):
        for line in lines:
            taken.write(line)


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


def _fill(rows: int) -> None:
    from django.db import connection

    from muster.access.models import Organization

    values = {"organization": Organization.objects.get(slug="bench").pk, "rows": rows}
    with connection.cursor() as cursor:
        for statement in filter(str.strip, STATEMENTS.read_text("utf-8").split(";\n")):
            cursor.execute(statement, values)
