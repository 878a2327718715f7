"""The terms of licenses: two years each, to the end of a month."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def renewals_between(expires: date, *, first: date, last: date) -> Iterator[date]:
    """Yield, the latest first, the ends of earlier terms that are after the day `first` and before `last`."""
    year = expires.year - 2
    while (day := month_end(year, expires.month)) > first:
        if day < last:
            yield day
        year -= 2


def end_of_term(expires: date, *, first: date, day: date) -> date:
    """Return the end of the term that a day lies in, given that of a later one; none ends before `first`."""
    return min(
        (end for end in renewals_between(expires, first=first, last=expires) if end >= day), default=expires
    )


def term_from(issued: date, today: date) -> date:
    """Return when a license issued on a day, and renewed since, expires: at the end of the issue's month."""
    year = issued.year + 2
    while month_end(year, issued.month) < today:
        year += 2
    return month_end(year, issued.month)


def next_month(day: date) -> date:
    """Return the first day of the month after a day's."""
    return month_end(day.year, day.month) + timedelta(days=1)
