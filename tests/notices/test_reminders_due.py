"""Which reminder is due on which day: tables, and what holds whatever comes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.reminders import DAYS, Window, day_of, due, windows

TODAY = date(2026, 11, 20)
NEW_YORK = ZoneInfo("America/New_York")

chosen_days = st.sets(st.sampled_from(DAYS))


@pytest.mark.parametrize(
    ("days_left", "made", "days"),
    [
        (91, (), None),
        (90, (), 90),
        (61, (), 90),
        (61, (90,), None),
        (60, (90,), 60),
        (30, (90, 60), 30),
        (15, (), 30),
        (14, (90, 60, 30), 14),
        (8, (90, 60, 30, 14), None),
        (7, (90, 60, 30, 14), 7),
        (7, (), 7),
        (0, (), 7),
        (0, (7,), None),
        (-1, (), None),
        # A nearer one was made while the registry told another date for a while.
        (20, (14,), None),
    ],
)
def test_the_nearest_reminder_is_due_and_no_other(
    days_left: int, made: tuple[int, ...], days: int | None
) -> None:
    assert due(TODAY + timedelta(days_left), today=TODAY, chosen=DAYS, made=made) == days


@pytest.mark.parametrize(
    ("today", "expires_on", "days"),
    [
        # February 29 counts: 2028 is a leap year, 2027 is not.
        (date(2028, 2, 22), date(2028, 2, 29), 7),
        (date(2028, 2, 23), date(2028, 3, 1), 7),
        (date(2028, 2, 22), date(2028, 3, 1), 14),
        (date(2027, 2, 22), date(2027, 3, 1), 7),
        (date(2028, 2, 29), date(2028, 5, 29), 90),
        (date(2028, 2, 28), date(2028, 5, 29), None),
        (date(2026, 12, 31), date(2027, 1, 7), 7),
    ],
)
def test_days_are_counted_on_the_calendar(today: date, expires_on: date, days: int | None) -> None:
    assert due(expires_on, today=today, chosen=DAYS, made=()) == days


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ((), []),
        ((30,), [Window(TODAY, date(2026, 12, 20), 30)]),
        (
            (30, 7),
            [
                Window(TODAY, date(2026, 11, 27), 7),
                Window(date(2026, 11, 28), date(2026, 12, 20), 30),
            ],
        ),
    ],
)
def test_the_windows_of_the_chosen_days(chosen: tuple[int, ...], told: list[Window]) -> None:
    assert windows(chosen, today=TODAY) == told


@given(chosen=chosen_days, left=st.integers(-5, 120))
def test_windows_cover_each_day_up_to_the_furthest_once(chosen: set[int], left: int) -> None:
    expires_on = TODAY + timedelta(left)
    holding = [one for one in windows(chosen, today=TODAY) if one.first <= expires_on <= one.last]
    nearest = [days for days in chosen if 0 <= left <= days]
    assert [one.days for one in holding] == ([min(nearest)] if nearest else [])


@given(chosen=chosen_days, looked=st.lists(st.integers(-10, 130), max_size=140))
def test_however_often_one_looks_each_reminder_comes_once_and_they_come_nearer(
    chosen: set[int], looked: list[int]
) -> None:
    expires_on = TODAY + timedelta(100)
    made: list[int] = []
    for offset in sorted(looked):
        today = TODAY + timedelta(offset)
        if (days := due(expires_on, today=today, chosen=chosen, made=made)) is not None:
            made.append(days)
            assert due(expires_on, today=today, chosen=chosen, made=made) is None
    assert made == sorted(set(made), reverse=True)
    assert set(made) <= chosen


@given(chosen=chosen_days)
def test_who_looks_daily_gets_every_chosen_reminder_on_its_very_day(chosen: set[int]) -> None:
    expires_on = TODAY + timedelta(100)
    made: dict[int, int] = {}
    for offset in range(120):
        today = TODAY + timedelta(offset)
        if (days := due(expires_on, today=today, chosen=chosen, made=made)) is not None:
            made[days] = (expires_on - today).days
    assert made == {days: days for days in chosen}


# --- the morning ------------------------------------------------------------------------------------


def local(year: int, month: int, day: int, hour: int, minute: int, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, fold=fold, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("at", "morning", "day"),
    [
        (local(2026, 11, 20, 6, 59), time(7), None),
        (local(2026, 11, 20, 7, 0), time(7), TODAY),
        (local(2026, 11, 20, 23, 59), time(7), TODAY),
        (local(2026, 11, 20, 0, 0), time(0), TODAY),
        # 2:30 does not come on March 8: from 1:59 the clock goes to 3:00.
        (local(2026, 3, 8, 1, 59), time(2, 30), None),
        (local(2026, 3, 8, 3, 0), time(2, 30), date(2026, 3, 8)),
        # 1:30 comes twice on November 1, and both are of the same day.
        (local(2026, 11, 1, 1, 30), time(1, 30), date(2026, 11, 1)),
        (local(2026, 11, 1, 1, 0, fold=1), time(1, 30), None),
        (local(2026, 11, 1, 1, 30, fold=1), time(1, 30), date(2026, 11, 1)),
    ],
)
def test_a_day_begins_with_its_morning(at: datetime, morning: time, day: date | None) -> None:
    assert day_of(at, morning=morning) == day
