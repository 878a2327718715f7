"""Decisions of the daily alerts: which days' reports are to be fetched now, and which are given up.

The registry makes one report a weekday, from a time of day in its own time zone, and may complete it later.
So a day is read once a weekday until it was read when the report of the fifth weekday after it could be had;
what it said then is final. After an absence every day that is not final is read by itself. A day that cannot
be read so for thirty days is given up with all others that were missed, and whoever is watched is synced
instead, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

READ_AGAIN = 5
"""For how many weekdays after its own a report may still be completed."""

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


class Step(StrEnum):
    """What is to be done about a day: read it, read it once more, or give it up."""

    READ = "read"
    AGAIN = "again"
    GIVE_UP = "give_up"


class Day(NamedTuple):
    """What is on record of a day: its state, when to try again (None: at once), when it was last read whole.

    `tries` are failed ones in a row.
    """

    state: DayState
    next_at: datetime | None = None
    read_at: datetime | None = None
    tries: int = 0


class Due(NamedTuple):
    """A day about which something is to be done now."""

    day: date
    step: Step


@dataclass(frozen=True, slots=True)
class AlertsReport:
    """What one day's report said: NPNs named, kinds of report, and what could not be taken over.

    `content` stands for all that it says, in whatever order and however often it says it. `broken` says what
    of it could not be read; then the rest is of use, and the day is to be read again.
    """

    named: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    broken: str = ""
    content: str = ""

    @property
    def digest(self) -> str:
        """The same for two reports if they say the same; 64 characters."""
        said = " ".join([*sorted(self.named), *sorted(self.kinds), self.content])
        return sha256(said.encode()).hexdigest()


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
    """Decide about which days something is to be done now, in the order in which it is best done.

    Days never read come before those read once more, each oldest first; and days that failed last of all, so
    that what ends a run early keeps no other day from being read. `days` is what is on record, `first` the
    day on which watching began.
    """
    latest = timetable.latest(now)
    since = timetable.due_at(latest)
    all_days = list(weekdays(first, latest))
    newest = set(all_days[-READ_AGAIN - 1 :])
    final_from = dict(zip(all_days, map(timetable.due_at, all_days[READ_AGAIN:]), strict=False))
    oldest = timetable.day_of(now) - TRIED_FOR
    known_days = {day: days.get(day, Day(DayState.WAITING)) for day in all_days}
    # One that is still being completed is never given up: if it is on record so, a wrong clock did it.
    unsettled = {
        day: known
        for day, known in known_days.items()
        if day in newest or not _is_settled(known, final_from.get(day), is_old=day < oldest)
    }
    too_old = {day for day in unsettled if day < oldest}
    # To sync everyone answers all that was missed until now; only reports still being completed are awaited.
    given_up = unsettled.keys() - newest if too_old else set()
    due = [Due(day, Step.GIVE_UP) for day in sorted(given_up)]

    def place(day: date) -> tuple[bool, bool, date]:
        return unsettled[day].tries > 0, unsettled[day].read_at is not None, day

    for day in sorted(unsettled.keys() - given_up, key=place):
        known = unsettled[day]
        if known.next_at is not None and known.next_at > now:
            continue
        if known.read_at is None:
            due.append(Due(day, Step.READ))
        elif known.read_at < since:
            due.append(Due(day, Step.AGAIN))
    return due


def _is_settled(known: Day, final_from: datetime | None, *, is_old: bool) -> bool:
    """Whether nothing more is asked about a day whose report is final from a moment on (None: to come).

    One that was read when it was final, and failed since, had a clock that was put back: it is tried on until
    it is old.
    """
    if known.state is DayState.BROKEN:
        return True
    if known.read_at is None or final_from is None or known.read_at < final_from:
        return False
    return is_old or not known.tries


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many failed tries in a row: doubling, up to LONGEST_WAIT."""
    doublings: int = min(max(tries, 1) - 1, 10)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))


def state_after(state: DayState, *, report: bool) -> DayState:
    """The state of a day whose report was read (`report`), or that has none."""
    if report or state is DayState.READ:
        return DayState.READ
    return DayState.NOTHING
