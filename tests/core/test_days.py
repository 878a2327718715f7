"""Days that others tell: none is too far to be reckoned with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.days import day_after, day_told, read_counted_day


@given(st.dates(), st.timedeltas(timedelta(0), timedelta(400)))
def test_a_day_after_is_that_day_or_the_last_there_is(day: date, span: timedelta) -> None:
    later = day_after(day, span)
    assert later == date.max or later - day == timedelta(span.days)
    assert day <= later


def test_beyond_the_last_day_there_is_none() -> None:
    assert day_after(date.max, timedelta(1)) == date.max
    assert day_after(date.max - timedelta(1), timedelta(1)) == date.max
    assert day_after(date(2026, 12, 31), timedelta(1)) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("text", "read", "day"),
    [
        ("today", "today", date(2026, 3, 5)),
        (" Today ", "today", date(2026, 3, 5)),
        ("in 60 days", "60 days from now", date(2026, 5, 4)),
        ("60 Days from now", "60 days from now", date(2026, 5, 4)),
        ("1 day from today", "1 day from now", date(2026, 3, 6)),
        ("30 days ago", "30 days ago", date(2026, 2, 3)),
        ("0 days ago", "today", date(2026, 3, 5)),
    ],
)
def test_a_day_counted_from_today_moves_with_it(text: str, read: str, day: date) -> None:
    assert read_counted_day(text) == read
    assert day_told(read, today=date(2026, 3, 5)) == day


@pytest.mark.parametrize("text", ["", "60 days", "in 60 days ago", "soon", "2026-03-05", "99999 days ago"])
def test_other_words_count_no_days(text: str) -> None:
    assert read_counted_day(text) == ""


def test_a_day_that_is_written_out_stays() -> None:
    assert day_told("2026-03-05", today=date(2030, 1, 1)) == date(2026, 3, 5)
