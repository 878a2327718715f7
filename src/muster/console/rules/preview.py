"""What an own value would change, and what ending one would: said before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from muster.access.models import Membership
from muster.carriers.models import RuleOverride
from muster.carriers.state_rules import own_rule
from muster.console.rules.words import day_words, told_words
from muster.core.rules.book import Rulebook, rule_of
from muster.core.rules.keys import Value
from muster.core.rules.rule import Override, Rule, Standing, Term

GIVEN_BEFORE = (
    "Verdicts given before stay as they are, and keep the version of the rules by which they were given."
)


def of_setting(
    book: Rulebook,
    by: Membership,
    *,
    state: str,
    topic: str,
    key: str,
    value: Value,
    terms: Mapping[str, Term],
    starts_on: date,
    now: datetime,
    today: date,
) -> list[str]:
    """What setting this value changes, in sentences. Raises ValueError where it is no value of the key."""
    own = Override(state, topic, key, value, starts_on, "", str(by.user), now, terms)
    after = book.with_overrides([own])
    before, then = (told_on(one, rule_of(own), starts_on) for one in (book, after))
    until = _next(after, rule_of(own))
    return [
        f"From {day_words(starts_on)} on{f', up to {day_words(until)},' if until else ''} it says: {then}.",
        "So it does already; it would become your own." if then == before else f"Without it: {before}.",
        f"Filings that are judged from now on go by it. {GIVEN_BEFORE}"
        if starts_on <= today
        else "Filings that are judged before that day go by what holds now.",
        f"The version of your rules becomes {after.short_version}; now it is {book.short_version}.",
    ]


def of_ending(book: Rulebook, without: Rulebook, override: RuleOverride, today: date) -> list[str]:
    """What ending an own value changes, in sentences; `without` is the book that it leaves."""
    rule = own_rule(override)
    day = max(today, override.starts_on)
    before, then = (told_on(one, rule, day) for one in (book, without))
    return [
        f"{'Now' if day == today else f'From {day_words(day)} on'} it says: {before}.",
        "Without this value it says the same." if then == before else f"Without this value: {then}.",
        f"Filings that are judged from now on go without it. {GIVEN_BEFORE}",
        f"The version of your rules becomes {without.short_version}; now it is {book.short_version}.",
    ]


def told_on(book: Rulebook, rule: Rule, on: date) -> str:
    """What the book says on a day of the key of a rule, in words."""
    at = (rule.state, rule.topic, rule.key)
    return told_words(book.holding(*at, on) or [book.at(*at, on)])


def _next(book: Rulebook, rule: Rule) -> date | None:
    """The first day on which a later own value takes the place of this one."""
    later = [
        one.since
        for one in book.history(rule.state, rule.topic, rule.key)
        if one.standing is Standing.OVERRIDDEN
        and one.since
        and rule.since
        and one.since > rule.since
        and one.strand in ((), rule.strand)
    ]
    return min(later, default=None)
