"""On which days something comes that is wanted daily, weekly or monthly."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from enum import StrEnum

WEEK = 7
LONGEST_MONTH = 31


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def last_due(every: Every, on: int, *, local: datetime, morning: time) -> datetime:
    """The last time at which it was due, at this local time: the morning of a day.

    `on` is the day of the week (0 is Monday) or of the month; a month that is shorter has it on its last day.
    """
    day = local.date() if local.time() >= morning else local.date() - timedelta(days=1)
    match every:
        case Every.WEEK:
            day -= timedelta(days=(day.weekday() - on) % WEEK)
        case Every.MONTH:
            due = _in_month(day, on)
            day = due if due <= day else _in_month(day.replace(day=1) - timedelta(days=1), on)
    return datetime.combine(day, morning, tzinfo=local.tzinfo)


def _in_month(day: date, on: int) -> date:
    return day.replace(day=min(on, monthrange(day.year, day.month)[1]))
