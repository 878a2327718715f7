"""On which days a scheduled mail comes."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.schedules import Every, last_due

ZONE = ZoneInfo("America/New_York")
SEVEN = time(7)
FIRST, LAST = (datetime(year, 1, 1) for year in (2020, 2040))  # noqa: DTZ001  in any zone


@pytest.mark.parametrize(
    ("every", "on", "now", "due"),
    [
        (Every.DAY, 0, "2026-03-05 07:00", "2026-03-05"),
        (Every.DAY, 0, "2026-03-05 06:59", "2026-03-04"),
        (Every.WEEK, 0, "2026-03-02 07:00", "2026-03-02"),
        (Every.WEEK, 0, "2026-03-02 06:59", "2026-02-23"),
        (Every.WEEK, 6, "2026-03-05 12:00", "2026-03-01"),
        (Every.MONTH, 5, "2026-03-05 07:00", "2026-03-05"),
        (Every.MONTH, 5, "2026-03-05 06:00", "2026-02-05"),
        (Every.MONTH, 31, "2026-03-01 12:00", "2026-02-28"),
        (Every.MONTH, 31, "2026-04-30 12:00", "2026-04-30"),
        (Every.MONTH, 1, "2026-01-01 06:00", "2025-12-01"),
    ],
)
def test_the_last_time_is_the_morning_of_its_day(every: Every, on: int, now: str, due: str) -> None:
    local = datetime.fromisoformat(now).replace(tzinfo=ZONE)
    expected = datetime.fromisoformat(f"{due} 07:00").replace(tzinfo=ZONE)
    assert last_due(every, on, local=local, morning=SEVEN) == expected


@given(
    every=st.sampled_from(Every),
    on=st.integers(1, 31),
    now=st.datetimes(FIRST, LAST),
)
def test_it_is_never_in_the_future_nor_more_than_a_period_ago(every: Every, on: int, now: datetime) -> None:
    local = now.replace(tzinfo=ZONE)
    due = last_due(every, on, local=local, morning=SEVEN)
    longest = {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 31}[every]
    naive = due.replace(tzinfo=None)
    assert naive <= now < naive + timedelta(days=longest + 1)
