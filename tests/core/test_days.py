"""Days that others tell: none is too far to be reckoned with."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from muster.core.days import day_after


@given(st.dates(), st.timedeltas(timedelta(0), timedelta(400)))
def test_a_day_after_is_that_day_or_the_last_there_is(day: date, span: timedelta) -> None:
    later = day_after(day, span)
    assert later == date.max or later - day == timedelta(span.days)
    assert day <= later


def test_beyond_the_last_day_there_is_none() -> None:
    assert day_after(date.max, timedelta(1)) == date.max
    assert day_after(date.max - timedelta(1), timedelta(1)) == date.max
    assert day_after(date(2026, 12, 31), timedelta(1)) == date(2027, 1, 1)
