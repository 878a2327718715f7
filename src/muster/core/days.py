"""Reckoning with days that others tell: the first or the last that there is, or ones that move."""

from __future__ import annotations

import re
from datetime import date, timedelta

TODAY = "today"
OFFERED = (TODAY, "30 days ago", "30 days from now", "60 days from now", "90 days from now")
"""Days that are counted from today, to choose from."""

COUNTED = re.compile(
    r"(?P<in>in )?(?P<days>\d{1,4}) days?(?P<way> from now| from today| ago)?", re.ASCII | re.IGNORECASE
)


def day_after(day: date, span: timedelta) -> date:
    """The day that comes `span` after `day`; the last day there is, where the calendar ends before that.

    `span` is not negative.
    """
    return date.max if date.max - day < span else day + span


def read_counted_day(text: str) -> str:
    """A day that is counted from today, as `day_told` takes it; nothing where the text is something else.

    Read are `today`, `in 60 days`, `60 days from now` and `30 days ago`.
    """
    text = " ".join(text.split())
    if text.casefold() == TODAY:
        return TODAY
    found = COUNTED.fullmatch(text)
    # It is counted from one side or the other: neither "60 days" nor "in 60 days ago" says a day.
    if found is None or bool(found["in"]) == bool(found["way"]):
        return ""
    days = int(found["days"])
    if not days:
        return TODAY
    way = "ago" if (found["way"] or "").strip().casefold() == "ago" else "from now"
    return f"{days} {'day' if days == 1 else 'days'} {way}"


def day_told(text: str, *, today: date) -> date:
    """The day that is written as YYYY-MM-DD, or counted from today. Raises ValueError."""
    if text == TODAY:
        return today
    days, _, rest = text.partition(" ")
    if not rest:
        return date.fromisoformat(text)
    span = timedelta(days=int(days))
    return today - span if rest.endswith("ago") else today + span
