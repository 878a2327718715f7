"""Employment histories and their gaps: cases, and what holds of all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.profile import SHORT, Gap, Job, gaps, history_begins, next_month

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def jobs(*told: str) -> list[Job]:
    """“2020-01..2021-03”, or “2020-01..” while it goes on."""
    pairs = (one.split("..") for one in told)
    return [Job(month(starts), month(ends) if ends else None) for starts, ends in pairs]


CASES = [
    ("nothing told", [], ["2021-11-01 2026-11-20"]),
    ("one that goes on", ["2015-03.."], []),
    ("it ended", ["2015-03..2026-08"], ["2026-09-01 2026-11-20"]),
    ("a month of 30 days between is short", ["2015-03..2026-03", "2026-05.."], []),
    ("one of 31 days is not", ["2015-03..2026-04", "2026-06.."], ["2026-05-01 2026-05-31"]),
    ("overlaps, in any order", ["2024-01..", "2015-01..2024-06", "2020-01..2020-02"], []),
    ("one inside another ends nothing", ["2015-01..2026-10", "2020-01..2020-02", "2026-11.."], []),
    ("before the five years", ["2010-01..2021-10"], ["2021-11-01 2026-11-20"]),
    ("it began later", ["2022-03.."], ["2021-11-01 2022-02-28"]),
    ("two", ["2022-03..2023-03", "2024-01.."], ["2021-11-01 2022-02-28", "2023-04-01 2023-12-31"]),
    ("it ends this month", ["2015-01..2026-11"], []),
    ("it is yet to come", ["2015-01..2026-11", "2027-03.."], []),
]


@pytest.mark.parametrize(("told", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_gaps_are_what_no_entry_covers(told: list[str], expected: list[str]) -> None:
    assert [f"{gap.starts_on} {gap.ends_on}" for gap in gaps(jobs(*told), TODAY)] == expected


days = st.dates(date(2015, 1, 1), date(2028, 12, 31))
months = days.map(lambda day: day.replace(day=1))
some_jobs = st.lists(
    st.tuples(months, st.none() | months).map(
        lambda pair: Job(min(pair[0], pair[1] or pair[0]), pair[1] and max(pair))
    ),
    max_size=6,
)


def covers(told: list[Job], day: date, today: date) -> bool:
    return any(
        one.starts_on <= day and (day <= today if one.ends_on is None else day < next_month(one.ends_on))
        for one in told
    )


def by_days(told: list[Job], today: date) -> list[Gap]:
    """The same, day by day."""
    found: list[Gap] = []
    day = history_begins(today)
    while day <= today:
        if not covers(told, day, today):
            follows = found and found[-1].ends_on == day - DAY
            found[-1:] = [Gap(found[-1].starts_on, day)] if follows else [*found[-1:], Gap(day, day)]
        day += DAY
    return [gap for gap in found if timedelta(days=gap.days) > SHORT]


@given(some_jobs, days)
def test_gaps_are_those_that_a_walk_through_all_days_finds(told: list[Job], today: date) -> None:
    assert gaps(told, today) == by_days(told, today)


@given(some_jobs, some_jobs, days)
def test_another_entry_never_adds_a_day_of_gap(told: list[Job], more: list[Job], today: date) -> None:
    assert sum(gap.days for gap in gaps([*told, *more], today)) <= sum(gap.days for gap in gaps(told, today))
