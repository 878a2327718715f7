"""Which days' alerts are due: weekends, clock changes, missed weeks, days that stay unreadable."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.alerts import (
    FIRST_WAIT,
    LONGEST_WAIT,
    Day,
    DayState,
    Due,
    Step,
    Timetable,
    due_days,
    is_weekday,
    state_after,
    wait_after,
    weekdays,
)

CHICAGO = ZoneInfo("America/Chicago")
TIMETABLE = Timetable(time(10, 15), CHICAGO)
READ, AGAIN, GIVE_UP = Step.READ, Step.AGAIN, Step.GIVE_UP


def at(day: int, hour: int = 11, minute: int = 0, *, month: int = 11) -> datetime:
    """A moment in Chicago."""
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


def nov(day: int) -> date:
    return date(2026, 11, day)


def read(day: int, hour: int = 10, minute: int = 15, state: DayState = DayState.READ) -> Day:
    return Day(state, None, at(day, hour, minute))


def waiting(next_at: datetime | None = None) -> Day:
    return Day(DayState.WAITING, next_at)


MOMENTS = {
    "an ordinary winter day": (date(2026, 1, 15), time(10, 15), "2026-01-15T16:15"),
    "an ordinary summer day": (date(2026, 7, 15), time(10, 15), "2026-07-15T15:15"),
    "the Friday before the clocks go forward": (date(2026, 3, 6), time(10, 15), "2026-03-06T16:15"),
    "the Monday after": (date(2026, 3, 9), time(10, 15), "2026-03-09T15:15"),
    "a time that the clocks skip": (date(2026, 3, 8), time(2, 30), "2026-03-08T08:30"),
    "a time that the clocks repeat": (date(2026, 11, 1), time(1, 30), "2026-11-01T06:30"),
    "the Monday after the clocks went back": (date(2026, 11, 2), time(10, 15), "2026-11-02T16:15"),
}


@pytest.mark.parametrize(("day", "local", "moment"), MOMENTS.values(), ids=MOMENTS)
def test_a_days_report_can_be_had_from_one_moment_on(day: date, local: time, moment: str) -> None:
    assert Timetable(local, CHICAGO).due_at(day) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


NEWEST = {
    "a minute before its time": (at(20, 10, 14), nov(19), nov(20)),
    "on time": (at(20, 10, 15), nov(20), nov(23)),
    "on Saturday": (at(21), nov(20), nov(23)),
    "on Sunday at midnight": (at(22, 0), nov(20), nov(23)),
    "on Monday morning": (at(23, 9), nov(20), nov(23)),
    "on Monday noon": (at(23, 12), nov(23), nov(24)),
}


@pytest.mark.parametrize(("now", "latest", "coming"), NEWEST.values(), ids=NEWEST)
def test_the_newest_report_is_that_of_a_weekday(now: datetime, latest: date, coming: date) -> None:
    assert TIMETABLE.latest(now) == latest
    assert TIMETABLE.next_at(now) == TIMETABLE.due_at(coming)


ALL_READ = {nov(day): read(19) for day in (9, 10, 11, 12, 13, 16, 17, 18, 19)}
FINAL = {nov(day): read(20, 10, 20) for day in (9, 10, 11, 12, 13, 16, 17, 18, 19, 20)}
STILL_DUE = {
    "before the first day's report": ({}, nov(20), at(20, 9), []),
    "the first day": ({}, nov(20), at(20), [(20, READ)]),
    "the weekend after": ({nov(20): read(20)}, nov(20), at(22), []),
    "watching began on a Saturday": ({}, nov(21), at(22), []),
    "a day later: the new one, and five once more": (
        ALL_READ,
        nov(9),
        at(20),
        [(20, READ), (13, AGAIN), (16, AGAIN), (17, AGAIN), (18, AGAIN), (19, AGAIN)],
    ),
    "the same again: nothing is left to do": (
        {**ALL_READ, **{nov(day): read(20, 10, 20) for day in (13, 16, 17, 18, 19, 20)}},
        nov(9),
        at(20),
        [],
    ),
    "killed between two days: the others only": (
        {**ALL_READ, nov(13): read(20, 10, 20), nov(16): read(20, 10, 20)},
        nov(9),
        at(20),
        [(20, READ), (17, AGAIN), (18, AGAIN), (19, AGAIN)],
    ),
    "a day without alerts is read again too": (
        {nov(19): read(19, state=DayState.NOTHING)},
        nov(19),
        at(20),
        [(20, READ), (19, AGAIN)],
    ),
    "a missed week, oldest first, and then what was not final before it": (
        {nov(11): read(18), nov(12): read(12), nov(13): read(13)},
        nov(11),
        at(20),
        [(16, READ), (17, READ), (18, READ), (19, READ), (20, READ), (12, AGAIN), (13, AGAIN)],
    ),
    "a day read late, but a minute before it was final": (
        {**FINAL, nov(12): read(19, 10, 14)},
        nov(9),
        at(20, 23),
        [(12, AGAIN)],
    ),
    "a day read once more when it was final": (
        {**FINAL, nov(12): read(19, 10, 15)},
        nov(9),
        at(20, 23),
        [],
    ),
    "a day that was read when it was final, and failed since by a clock that was put back": (
        {**FINAL, nov(12): read(19, 10, 15)._replace(tries=1)},
        nov(9),
        at(20, 23),
        [(12, AGAIN)],
    ),
    "a day read before its own report could be had": (
        {**FINAL, nov(20): read(20, 8, state=DayState.NOTHING)},
        nov(9),
        at(20),
        [(20, AGAIN)],
    ),
    "days that failed come last": (
        {
            **FINAL,
            nov(12): read(12)._replace(tries=1),
            nov(13): read(13),
            nov(18): waiting()._replace(tries=2),
            nov(19): waiting(),
        },
        nov(9),
        at(20),
        [(19, READ), (13, AGAIN), (18, READ), (12, AGAIN)],
    ),
    "a day that waits after a failure": (
        {nov(19): waiting(at(20, 12)), nov(20): read(20)},
        nov(19),
        at(20),
        [],
    ),
    "a day whose wait is over": ({nov(19): waiting(at(20, 11))}, nov(19), at(20), [(19, READ), (20, READ)]),
    "a second reading that waits after a failure": (
        {nov(19): read(19)._replace(next_at=at(20, 12)), nov(20): read(20)},
        nov(19),
        at(20),
        [],
    ),
    "a day that was given up stays so": (
        {**FINAL, nov(12): Day(DayState.BROKEN)},
        nov(12),
        at(20),
        [],
    ),
    "a day that cannot have been given up yet": (
        {**FINAL, nov(13): Day(DayState.BROKEN)},
        nov(12),
        at(20),
        [(13, READ)],
    ),
}


@pytest.mark.parametrize(("days", "first", "now", "expected"), STILL_DUE.values(), ids=STILL_DUE)
def test_what_is_due(
    days: dict[date, Day], first: date, now: datetime, expected: list[tuple[int, Step]]
) -> None:
    found = due_days(days, first=first, now=now, timetable=TIMETABLE)
    assert found == [Due(nov(day), step) for day, step in expected]


def test_a_missed_month_is_given_up_up_to_the_days_that_are_still_being_completed() -> None:
    found = due_days({}, first=date(2026, 9, 1), now=at(20), timetable=TIMETABLE)
    assert [due.day for due in found] == list(weekdays(date(2026, 9, 1), nov(20)))
    given_up = [due.day for due in found if due.step is GIVE_UP]
    assert given_up == list(weekdays(date(2026, 9, 1), nov(12)))
    assert all(due.step is READ for due in found[len(given_up) :])


def test_a_day_read_too_early_and_not_again_for_thirty_days_is_given_up_with_the_missed_ones() -> None:
    old, known = date(2026, 10, 14), Day(DayState.READ, None, at(14, 11, month=10))
    others = {
        day: Day(DayState.READ, None, at(20, 10, 20)) for day in weekdays(old, nov(20)) if day.day != 15
    }
    found = due_days({**others, old: known}, first=old, now=at(20), timetable=TIMETABLE)
    assert found == [Due(old, GIVE_UP), Due(date(2026, 10, 15), GIVE_UP)]


def test_a_day_that_failed_after_it_was_final_is_tried_for_thirty_days_and_gives_up_nothing() -> None:
    final = {day: Day(DayState.READ, None, at(20, 10, 20)) for day in weekdays(date(2026, 10, 1), nov(20))}
    found = {
        day: due_days(
            {**final, day: final[day]._replace(tries=1, read_at=at(19, 11))},
            first=date(2026, 10, 1),
            now=at(20),
            timetable=TIMETABLE,
        )
        for day in (date(2026, 10, 20), date(2026, 10, 21))
    }
    assert found == {
        date(2026, 10, 20): [],
        date(2026, 10, 21): [Due(date(2026, 10, 21), AGAIN)],
    }


def test_thirty_days_missed_are_fetched_one_by_one_and_not_given_up() -> None:
    found = due_days({}, first=date(2026, 10, 21), now=at(20, 23), timetable=TIMETABLE)
    assert {due.step for due in found} == {READ}
    assert found[0].day == date(2026, 10, 21)
    [oldest, *_] = due_days({}, first=date(2026, 10, 21), now=at(21, 0), timetable=TIMETABLE)
    assert oldest == Due(date(2026, 10, 21), GIVE_UP)


def test_a_day_that_waits_is_given_up_all_the_same_once_it_is_too_old() -> None:
    old = date(2026, 10, 1)
    others = {day: Day(DayState.READ, None, at(20, 10, 20)) for day in weekdays(old, nov(20))}
    days = {**others, old: waiting(at(30))}
    assert due_days(days, first=old, now=at(20), timetable=TIMETABLE) == [Due(old, GIVE_UP)]


@given(
    first=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    ticks=st.lists(st.integers(1, 60 * 24 * 20), min_size=1, max_size=40),
    local=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
)
def test_every_weekday_is_read_or_given_up_whenever_the_job_happens_to_run(
    first: date, ticks: list[int], local: time
) -> None:
    timetable = Timetable(local, CHICAGO)
    now = timetable.due_at(first)
    days: dict[date, Day] = {}
    for minutes in ticks:
        now += timedelta(minutes=minutes)
        for due in due_days(days, first=first, now=now, timetable=timetable):
            assert is_weekday(due.day)
            assert timetable.due_at(due.day) <= now
            given_up = due.step is GIVE_UP
            days[due.day] = Day(DayState.BROKEN if given_up else DayState.READ, None, now)
        assert due_days(days, first=first, now=now, timetable=timetable) == []
        assert set(days) == set(weekdays(first, timetable.latest(now)))


@given(st.integers(0, 365 * 24 * 60))
def test_the_next_report_comes_after_now_and_the_newest_does_not(minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    latest = TIMETABLE.latest(now)
    assert TIMETABLE.due_at(latest) <= now < TIMETABLE.next_at(now)
    assert is_weekday(latest)


def test_waits_double_up_to_the_longest() -> None:
    assert [wait_after(tries) // FIRST_WAIT for tries in (0, 1, 2, 3, 4)] == [1, 1, 2, 4, 8]
    assert wait_after(7) == wait_after(1000) == LONGEST_WAIT


def test_a_report_once_read_stays_read_though_the_registry_denies_it_later() -> None:
    assert state_after(DayState.WAITING, report=False) is DayState.NOTHING
    assert state_after(DayState.NOTHING, report=True) is DayState.READ
    assert state_after(DayState.READ, report=False) is DayState.READ
