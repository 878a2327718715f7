"""When states renew appointments: the next day of a cycle, and what nobody has told."""

from __future__ import annotations

from datetime import date

import pytest

from muster.core.renewing import Renewal, calendar_of, renewal_of
from muster.core.rules.book import rulebook

DAYS: dict[str, tuple[str, date, Renewal]] = {
    "both days are told": (
        "AR",
        date(2026, 5, 1),
        Renewal("AR", date(2026, 5, 24), date(2026, 5, 31)),
    ),
    "the last day is today": ("AR", date(2026, 5, 24), Renewal("AR", date(2026, 5, 24), date(2026, 5, 31))),
    "the last day has passed": ("AR", date(2026, 5, 25), Renewal("AR", date(2027, 5, 24), date(2026, 5, 31))),
    "the turn of the year": ("WI", date(2026, 12, 30), Renewal("WI", date(2026, 12, 31), date(2027, 1, 6))),
    "no last day": ("AL", date(2026, 11, 26), Renewal("AL", None, date(2027, 1, 6))),
    "every other year": ("CT", date(2026, 11, 26), Renewal("CT", date(2028, 4, 15), date(2028, 5, 1))),
    "a cycle of each producer's own": ("ME", date(2026, 11, 26), Renewal("ME", None, None)),
}


@pytest.mark.parametrize(("state", "today", "expected"), DAYS.values(), ids=DAYS)
def test_the_next_renewal_is_told_as_far_as_it_is_known(state: str, today: date, expected: Renewal) -> None:
    assert renewal_of(rulebook(), state, today) == expected


def test_a_state_that_renews_nothing_has_none() -> None:
    assert renewal_of(rulebook(), "TX", date(2026, 11, 26)) is None


def test_the_nearest_come_first_and_the_unknown_apart() -> None:
    calendar = calendar_of(rulebook(), today=date(2026, 11, 26), days=40)
    assert [one.state for one in calendar.near] == ["IA", "NM", "MI", "WI", "KS", "AL"]
    assert [one.deadline for one in calendar.near][-2:] == [date(2027, 1, 1), date(2027, 1, 5)]
    assert "ME" in calendar.unknown
    assert not {one.state for one in calendar.near} & set(calendar.unknown)
