"""Reckoning with days that others tell: theirs may be the first or the last that there is."""

from __future__ import annotations

from datetime import date, timedelta


def day_after(day: date, span: timedelta) -> date:
    """The day that comes `span` after `day`; the last day there is, where the calendar ends before that.

    `span` is not negative.
    """
    return date.max if date.max - day < span else day + span
