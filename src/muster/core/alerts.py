"""Decisions of the daily alerts: which days' reports are to be fetched now, and which are given up.

The registry makes one report a weekday, from a time of day in its own time zone. Each is read once, and once
more on each of the next five weekdays, because reports are completed late. A missed day is read by itself,
oldest first. A day that cannot be read is tried again for thirty days; then it is given up with all others
that were missed, and whoever is watched is synced instead, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

READ_AGAIN = 5
"""Weekdays before the latest whose reports are read once more."""

TRIED_FOR = timedelta(days=30)
"""How long a day's report is asked for before the day is given up."""

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)
ONE_DAY = timedelta(days=1)
SATURDAY = 5


class DayState(StrEnum):
    """What became of a day's report. `BROKEN`: given up, and everyone watched was synced instead."""

    WAITING = "waiting"
    READ = "read"
    NOTHING = "nothing"
    BROKEN = "broken"


SETTLED = frozenset({DayState.READ, DayState.NOTHING, DayState.BROKEN})


class Step(StrEnum):
    """What is to be done about a day: read it, read it once more, or give it up."""

    READ = "read"
    AGAIN = "again"
    GIVE_UP = "give_up"


class Day(NamedTuple):
    """What is on record of a day: its state, when to try again (None: at once), when it was last read."""

    state: DayState
    next_at: datetime | None = None
    read_at: datetime | None = None


class Due(NamedTuple):
    """A day about which something is to be done now."""

    day: date
    step: Step


@dataclass(frozen=True, slots=True)
class AlertsReport:
    """What one day's report said: NPNs named, kinds of report, and what could not be taken over.

    `broken` says what of it could not be read; then the rest is of use, and the day is to be read again.
    """

    named: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Timetable:
    """From when on a weekday's report can be had: a time of day in a zone, whatever its clocks do."""

    at: time
    zone: ZoneInfo

    def due_at(self, day: date) -> datetime:
        """The moment, in UTC. Of a time that the clocks repeat, the first; a skipped one is an hour later."""
        return datetime.combine(day, self.at, tzinfo=self.zone).astimezone(UTC)

    def day_of(self, now: datetime) -> date:
        """Which day it is there."""
        return now.astimezone(self.zone).date()

    def latest(self, now: datetime) -> date:
        """The newest weekday whose report can be had."""
        day = self.day_of(now)
        while not is_weekday(day) or self.due_at(day) > now:
            day -= ONE_DAY
        return day

    def next_at(self, now: datetime) -> datetime:
        """When the next weekday's report can be had."""
        day = self.latest(now) + ONE_DAY
        while not is_weekday(day):
            day += ONE_DAY
        return self.due_at(day)


def is_weekday(day: date) -> bool:
    """Whether the registry makes a report on this day."""
    return day.weekday() < SATURDAY


def weekdays(first: date, last: date) -> Iterator[date]:
    """The weekdays from `first` to `last`, both included."""
    for number in range((last - first).days + 1):
        if is_weekday(day := first + number * ONE_DAY):
            yield day


def due_days(days: Mapping[date, Day], *, first: date, now: datetime, timetable: Timetable) -> list[Due]:
    """Decide about which days something is to be done now, oldest first.

    `days` is what is on record, `first` the day on which watching began.
    """
    latest = timetable.latest(now)
    since = timetable.due_at(latest)
    all_days = list(weekdays(first, latest))
    again = set(all_days[-READ_AGAIN - 1 : -1])
    unread = Day(DayState.WAITING)
    waiting = [day for day in all_days if days.get(day, unread).state is DayState.WAITING]
    too_old = [day for day in waiting if timetable.day_of(now) - day > TRIED_FOR]
    # To sync everyone answers all that was missed until now; only reports still being completed are awaited.
    given_up = {day for day in waiting if day not in {*again, latest} or day in too_old} if too_old else set()
    due = []
    for day in all_days:
        known = days.get(day, unread)
        if day in given_up:
            due.append(Due(day, Step.GIVE_UP))
        elif known.next_at is not None and known.next_at > now:
            continue
        elif known.state is DayState.WAITING:
            due.append(Due(day, Step.READ))
        elif known.state is not DayState.BROKEN and day in again and (known.read_at or now) < since:
            due.append(Due(day, Step.AGAIN))
    return due


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many failed tries in a row: doubling, up to LONGEST_WAIT."""
    doublings: int = min(max(tries, 1) - 1, 10)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))


def state_after(state: DayState, *, report: bool) -> DayState:
    """The state of a day whose report was read (`report`), or that has none."""
    if report or state is DayState.READ:
        return DayState.READ
    return DayState.NOTHING
