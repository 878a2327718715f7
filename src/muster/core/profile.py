"""A producer's own profile: the employment history and its gaps, and the background questions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

YEARS = 5
"""So far back the employment history goes."""

DAY = timedelta(days=1)
SHORT = timedelta(days=30)
"""A time without an entry that is no longer is not pointed out."""


class Job(NamedTuple):
    """An entry of the history, in whole months: the first day of its first and its last month.

    `ends_on` is None while it goes on.
    """

    starts_on: date
    ends_on: date | None


class Gap(NamedTuple):
    """A time without an entry: its first and its last day."""

    starts_on: date
    ends_on: date

    @property
    def days(self) -> int:
        """How long it is, both days included."""
        return (self.ends_on - self.starts_on).days + 1


def history_begins(today: date) -> date:
    """The first day that the history has to tell of: of this month, five years ago."""
    return date(today.year - YEARS, today.month, 1)


def gaps(jobs: Iterable[Job], today: date) -> list[Gap]:
    """The times of more than 30 days in the last five years that no entry covers, the oldest first.

    Entries may overlap and come in any order. A month that is named is covered whole.
    """
    found: list[Gap] = []
    uncovered = history_begins(today)
    for starts_on, ends_on in sorted((job.starts_on, _last_day(job, today)) for job in jobs):
        if starts_on > today:
            break
        _add(found, uncovered, starts_on - DAY)
        uncovered = max(uncovered, ends_on + DAY)
    _add(found, uncovered, today)
    return found


def _add(found: list[Gap], starts_on: date, ends_on: date) -> None:
    gap = Gap(starts_on, ends_on)
    if timedelta(days=gap.days) > SHORT:
        found.append(gap)


def _last_day(job: Job, today: date) -> date:
    if job.ends_on is None:
        return max(today, job.starts_on)
    return next_month(job.ends_on) - DAY


def next_month(day: date) -> date:
    """The first day of the month after that of the day."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


QUESTIONS = MappingProxyType(
    {
        "misdemeanor": "Have you been convicted of a misdemeanor, or are you charged with one now?",
        "felony": "Have you been convicted of a felony, or are you charged with one now?",
        "military": "Have you been convicted of an offense by a military court, or are you charged now?",
        "licensing": "Has anybody taken action on a professional license of yours, or opened a case?",
        "insurance_debt": "Do you owe an insurer premiums, or have you gone bankrupt over such a debt?",
        "taxes": "Do you owe taxes that are overdue and not under a repayment agreement?",
        "lawsuit": "Are or were you party to a suit or arbitration about fraud, misuse of money or breach of"
        " trust?",
        "contract_ended": "Has an insurer or agency ended a contract with you for alleged misconduct?",
        "child_support": "Are you behind with child support, or under a court’s order or warrant about it?",
        "bonding": "Has anybody refused you a bond, or paid out on one of yours?",
    }
)
"""The background questions by code, in the order in which they are asked: what states ask all applicants.

The codes are kept with the answers: a question whose meaning changes gets another.
"""
