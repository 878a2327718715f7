"""Which reminder is due before a license expires, and on which days reminders are made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

DAYS = (90, 60, 30, 14, 7)
"""So many days before a license expires, an organization can be reminded of it."""


@dataclass(frozen=True, slots=True)
class Window:
    """The expiry dates, both included, whose nearest reminder is that of `days` before."""

    first: date
    last: date
    days: int


def windows(chosen: Collection[int], *, today: date) -> list[Window]:
    """For each of the chosen numbers of days the expiry dates of which it is the nearest, soonest first.

    They do not overlap, and begin with today: a license that has expired is past reminding.
    """
    found, first = [], today
    for days in sorted(set(chosen)):
        last = today + timedelta(days=days)
        found.append(Window(first, last, days))
        first = last + timedelta(days=1)
    return found


def due(expires_on: date, *, today: date, chosen: Collection[int], made: Collection[int]) -> int | None:
    """The reminder that is due today, by its number of days; None where none is.

    `made` are those made before for the same expiry date. Of several that were missed only the nearest is
    due, and none after a nearer one was made. Set-wise this is `make_reminders.sql` in muster.notices; tests
    hold the statement to the decision as it stands here, for one license.
    """
    for window in windows(chosen, today=today):
        if window.first <= expires_on <= window.last:
            return None if any(days <= window.days for days in made) else window.days
    return None


def day_of(local: datetime, *, morning: time) -> date | None:
    """The day whose reminders are to be made at this local time; None before the morning.

    A morning that the clock jumps over has come once the clock stands behind it; one that the clock shows
    twice belongs to one day, which is made once.
    """
    return local.date() if local.time() >= morning else None
