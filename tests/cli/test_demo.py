"""The demo’s hiring class: some are ready for what they are to sell, some are not, some are unassigned."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from muster.cli.commands.sandbox import LIFE
from muster.cli.demo import PRODUCERS, hiring_class_csv
from muster.core.scorecard import Facts, HeldLicense, HeldLine, Wanted, judge
from muster.imports.agent import COLUMNS
from muster_sandbox.life import lived
from muster_sandbox.population import producer

HEADERS = {column.key: column.header for column in COLUMNS}


def facts(npn: str, today: date) -> Facts:
    """What the sandbox registry will tell of a producer."""
    person = producer(npn, today=today)
    assert person is not None
    licenses = [
        HeldLicense(
            one.state,
            one.class_code,
            one.class_name,
            one.active,
            one.expires,
            tuple(
                HeldLine(line.code, line.name, "Active" if line.active else "Inactive") for line in one.lines
            ),
        )
        for one in person.licenses
    ]
    return Facts(was_synced=True, licenses=licenses)


IN_LIFE, SICKNESS = "Life", "Health and Sickness (excluding Disability)"
BOTH, FRATERNAL = "Accident & Health or Sickness (including Disability)", "Part-Time Fraternal"
ELSEWHERE = {IN_LIFE, "Accident and Health or Sickness"}


@pytest.mark.parametrize("today", [date(2026, 11, 20), date(2027, 6, 1), date(2029, 3, 1)])
@pytest.mark.parametrize(
    ("npn", "state", "held"),
    [
        ("1000139", "CA", {IN_LIFE, SICKNESS}),
        ("1000154", "CA", {IN_LIFE, SICKNESS}),
        ("1000154", "TX", ELSEWHERE),
        ("1000200", "CA", {IN_LIFE, BOTH, SICKNESS, FRATERNAL}),
        ("1000131", "CA", {IN_LIFE, BOTH, SICKNESS}),
        ("1000124", "FL", ELSEWHERE),
        ("1000027", "CA", {IN_LIFE, BOTH, SICKNESS}),
    ],
)
def test_the_producers_of_the_tutorial_hold_what_it_says_as_years_pass(
    npn: str, state: str, held: set[str], today: date
) -> None:
    person = producer(npn, today=today)
    assert person is not None
    person = lived(person, seed=1, today=today, rate=LIFE)
    good = [one for one in person.licenses if one.active and (one.expires is None or one.expires >= today)]
    assert any(one.resident for one in good)
    lines = {line.name for one in good if one.state == state for line in one.lines if line.active}
    assert lines & {BOTH, SICKNESS, FRATERNAL, *ELSEWHERE} == held


@pytest.mark.parametrize("today", [date(2026, 11, 20), date(2027, 6, 1)])
def test_a_newcomer_sees_ready_producers_and_gaps_and_some_without_an_assignment(today: date) -> None:
    rows = list(csv.DictReader(io.StringIO(hiring_class_csv(today=today))))
    ready = lacking = unassigned = 0
    for row in rows:
        if not row[HEADERS["categories"]]:
            unassigned += 1
            continue
        wanted = Wanted(
            row[HEADERS["categories"]].split(";"),
            row[HEADERS["states"]].split(";"),
            tuple(filter(None, row[HEADERS["cocodes"]].split(";"))),
            row[HEADERS["scorecard_type"]],
            row[HEADERS["agent_type"]],
        )
        verdict = judge(wanted, facts(row[HEADERS["npn"]], today), today=today)
        is_ready = verdict.percent == 100
        ready += is_ready
        lacking += not is_ready
    assert len(rows) == PRODUCERS
    assert ready > PRODUCERS / 4
    assert lacking > PRODUCERS / 4
    assert unassigned == PRODUCERS / 5
    assert hiring_class_csv(today=today) == hiring_class_csv(today=today)
