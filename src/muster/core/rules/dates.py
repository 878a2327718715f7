"""Whether a state takes a date, and until when an appointment is to be filed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from muster.core.days import day_after
from muster.core.rules.book import Rulebook
from muster.core.rules.keys import APPOINTING, TERMINATIONS
from muster.core.rules.rule import Rule, Standing
from muster.core.rules.terms import EFFECTIVE_DATE, FIRST_APPLICATION, FIRST_BUSINESS, LESS_THAN, UP_TO

YES, NO = "yes", "no"
Params = Mapping[str, str | int]


class DateProblem(StrEnum):
    """What may be said of a date. The first three refuse it; the others are notes."""

    TOO_OLD = "too_old"
    IN_FUTURE = "in_future"
    MISSING = "missing"
    IGNORED = "ignored"
    UNKNOWN = "unknown"


REFUSING = frozenset({DateProblem.TOO_OLD, DateProblem.IN_FUTURE, DateProblem.MISSING})


class DateFinding(NamedTuple):
    """One thing said of a date, the rule that it rests on, and the parameters of its sentence.

    `too_old` has `days`, `within` and `earliest` (YYYY-MM-DD), `unknown` has the `key` that nobody has told.
    """

    problem: DateProblem
    rule_id: str
    params: Params = MappingProxyType({})


class DateVerdict(NamedTuple):
    """How a state takes a date. `effective_on` is None where the day of processing counts."""

    effective_on: date | None
    problems: tuple[DateFinding, ...]

    @property
    def is_refused(self) -> bool:
        """Whether the state would not take it. What is unknown refuses nothing."""
        return any(one.problem in REFUSING for one in self.problems)


def why_refused(finding: DateFinding) -> str:
    """Why a state refuses a date, to follow a colon; empty if it does not.

    Where a date is missing, that of the filing counts.
    """
    if finding.problem is DateProblem.IN_FUTURE:
        return "it takes none in the future"
    if finding.problem is DateProblem.TOO_OLD:
        return f"today the earliest is {finding.params['earliest']}"
    return ""


def judge_effective_date(book: Rulebook, state: str, on: date | None, today: date) -> DateVerdict:
    """Judge the effective date `on`, None where none is asked for, of an appointment that is filed today."""
    return _judge(book, state, APPOINTING, ("effective_date_given", "effective_date_needed"), on, today)


def judge_termination_date(book: Rulebook, state: str, on: date | None, today: date) -> DateVerdict:
    """Judge the date of an appointment's end that is filed today, as `judge_effective_date` does."""
    return _judge(book, state, TERMINATIONS, ("date_given", "date_needed"), on, today)


def deadline(
    book: Rulebook,
    state: str,
    categories: Collection[str],
    first_business_on: date,
    *,
    effective_on: date | None = None,
) -> date | None:
    """The last day on which an appointment may be filed, counted from the first business.

    For several categories the earliest. None where that is unknown for any of them, where the state counts
    from the contract alone, and where it counts from the effective date and none is given. Where it counts
    from the contract or the first business, only the latter is reckoned with. Without categories it is what
    holds for all. An organization's own number counts from the first business, unless its `counts_from` says
    otherwise.
    """
    rules = book.holding(state, APPOINTING, "deadline_days", first_business_on)
    last_days = [
        _last_day(_for_category(rules, category), first_business_on, effective_on)
        for category in categories or ("",)
    ]
    known = [day for day in last_days if day]
    return min(known) if len(known) == len(last_days) else None


def _judge(
    book: Rulebook, state: str, topic: str, keys: tuple[str, str], on: date | None, today: date
) -> DateVerdict:
    given, needed = (book.at(state, topic, key, today) for key in keys)
    if on is None:
        return DateVerdict(None, tuple(_missing(given, needed)))
    if given.value == NO:
        return DateVerdict(None, (DateFinding(DateProblem.IGNORED, given.id),))
    problems: list[DateFinding] = [] if given.value == YES else [_unknown(given)]
    if on < today:
        problems += _too_old(book.at(state, topic, "backdate_days", today), on, today)
    elif on > today:
        problems += _in_future(book.at(state, topic, "future_date", today))
    return DateVerdict(on, tuple(problems))


def _missing(given: Rule, needed: Rule) -> list[DateFinding]:
    if needed.value == YES:
        return [DateFinding(DateProblem.MISSING, needed.id)]
    # Where the state takes no date at all, none is missed.
    return [] if needed.value == NO or given.value == NO else [_unknown(needed)]


def _too_old(window: Rule, on: date, today: date) -> list[DateFinding]:
    if not isinstance(window.value, int):
        return [_unknown(window)]
    days = window.value
    within = window.terms.get("within", UP_TO)
    most = max(days - 1, 0) if within == LESS_THAN else days
    if today - on <= timedelta(days=most):
        return []
    earliest = (today - timedelta(days=most)).isoformat()
    params: Params = {"days": days, "within": str(within), "earliest": earliest}
    return [DateFinding(DateProblem.TOO_OLD, window.id, MappingProxyType(params))]


def _in_future(future: Rule) -> list[DateFinding]:
    if future.value == YES:
        return []
    if future.value == NO:
        return [DateFinding(DateProblem.IN_FUTURE, future.id)]
    return [_unknown(future)]


def _unknown(rule: Rule) -> DateFinding:
    return DateFinding(DateProblem.UNKNOWN, rule.id, MappingProxyType({"key": rule.key}))


def _for_category(rules: Collection[Rule], category: str) -> Rule | None:
    """The rule that names the category, else the one that is for all."""
    general = None
    for rule in rules:
        named = rule.terms.get("categories")
        if named is None:
            general = rule
        elif isinstance(named, tuple) and category in named:
            return rule
    return general


def _last_day(rule: Rule | None, first_business_on: date, effective_on: date | None) -> date | None:
    if rule is None or not isinstance(rule.value, int):
        return None
    events = rule.terms.get("counts_from")
    if events is None and rule.standing is Standing.OVERRIDDEN:
        events = (FIRST_BUSINESS,)
    if not isinstance(events, tuple):
        return None
    days = []
    if FIRST_BUSINESS in events or FIRST_APPLICATION in events:
        days.append(first_business_on)
    if EFFECTIVE_DATE in events and effective_on:
        days.append(effective_on)
    return day_after(min(days), timedelta(days=rule.value)) if days else None
