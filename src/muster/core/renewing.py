"""When states renew appointments, and until when an end keeps one off the invoice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from muster.core.rules.book import Rulebook
from muster.core.rules.keys import RENEWAL
from muster.core.words import states

LEAP_YEARS_APART = 8
"""A day that there is in leap years only comes again within so many."""

CYCLES = {"yearly": (0, 1), "even": (0,), "odd": (1,)}
"""In which years a cycle has its turn, by a word of it: what is left of the year by two."""

_DAY = re.compile(r"(\d\d)-(\d\d)")


class Renewal(NamedTuple):
    """The next renewal of a state: the last day for an end, and the first of the invoice; None is unknown."""

    state: str
    last_day: date | None
    invoice_on: date | None

    @property
    def deadline(self) -> date | None:
        """Until when an end helps: the last day that is told, else the day before the invoice."""
        if self.last_day or self.invoice_on is None:
            return self.last_day
        return self.invoice_on - timedelta(days=1)


def renewal_of(book: Rulebook, state: str, today: date) -> Renewal | None:
    """The next renewal of a state from a day on; None where the state renews no appointments."""
    if book.at(state, RENEWAL, "needed", today).value == "no":
        return None
    cycle = str(_told(book, state, "cycle", today))
    return Renewal(
        state,
        _next(str(_told(book, state, "last_termination", today)), cycle, today),
        _next(str(_told(book, state, "invoice_from", today)), cycle, today + timedelta(days=1)),
    )


class Calendar(NamedTuple):
    """The renewals that are near, the nearest first, and the states of which nobody has told when."""

    near: list[Renewal]
    unknown: list[str]


def calendar_of(book: Rulebook, *, today: date, days: int) -> Calendar:
    """The renewals whose deadline is no more than so many days off."""
    found = [renewal for state in states() if (renewal := renewal_of(book, state, today))]
    end = today + timedelta(days=days)
    near = [(one.deadline, one) for one in found if one.deadline and one.deadline <= end]
    unknown = [one.state for one in found if one.deadline is None]
    return Calendar([one for _, one in sorted(near, key=lambda pair: (pair[0], pair[1].state))], unknown)


def _told(book: Rulebook, state: str, key: str, today: date) -> object:
    """What holds for individuals where a state tells people apart."""
    holding: Iterable[object] = [
        rule.value
        for rule in book.holding(state, RENEWAL, key, today)
        if rule.terms.get("applies", "") in ("", "individual")
    ]
    return next(iter(holding), "") or ""


def _next(day: str, cycle: str, today: date) -> date | None:
    """The next such day of the cycle; None for what is no day, or for a cycle whose years nobody knows."""
    found = _DAY.fullmatch(day)
    years = next((rests for word, rests in CYCLES.items() if re.search(rf"\b{word}\b", cycle)), ())
    if not found:
        return None
    month, on = int(found[1]), int(found[2])
    for year in range(today.year, today.year + LEAP_YEARS_APART + 1):
        try:
            one = date(year, month, on)
        except ValueError:
            continue
        if one >= today and year % 2 in years:
            return one
    return None
