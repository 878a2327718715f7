"""The state rules on which the verdicts and fees of a preview rest, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from muster.core.amounts import dollars
from muster.core.rules.keys import APPOINTING, FEES, TOPICS, Key, Kind
from muster.core.rules.rule import Rule
from muster.core.words import LOA_CATEGORIES
from muster.transactions.terms import Setup

ASKED = ("filing", "agencies_appointed", "just_in_time", "county_needed", "appointment_types")
DATED = ("effective_date_given", "backdate_days", "future_date")


class RuleTold(NamedTuple):
    """One value of a rule: what it is about, what it says, how sure that is, and who says so."""

    meaning: str
    value: str
    standing: str
    source: str
    is_link: bool


def rules_of(setup: Setup, state: str, *, dated: bool) -> list[RuleTold]:
    """What was consulted to judge appointments in a state, and to estimate their fees."""
    return [
        RuleTold(
            f"Fee: {_key(rule).meaning.lower()}" if rule.topic == FEES else _key(rule).meaning,
            _value(rule),
            rule.standing.value,
            rule.source,
            rule.source.startswith("https://"),
        )
        for rule in _consulted(setup, state, dated=dated)
    ]


def _consulted(setup: Setup, state: str, *, dated: bool) -> Iterator[Rule]:
    keys = [(APPOINTING, key) for key in (*ASKED, *(DATED if dated else ()))] + [(FEES, "appointment_new")]
    for topic, key in keys:
        found = setup.book.holding(state, topic, key, setup.today)
        yield from found or [setup.book.at(state, topic, key, setup.today)]


def _value(rule: Rule) -> str:
    kind, value = _key(rule).kind, rule.value
    if value is None:
        text = rule.terms.get("text")
        return text if isinstance(text, str) and text else "unknown"
    if kind is Kind.CENTS:
        told = dollars(int(str(value)))
    else:
        told = ", ".join(value) if isinstance(value, tuple) else str(value)
    of = [_term(term) for _, term in rule.strand]
    return f"{told} ({', '.join(of)})" if of else told


def _term(term: object) -> str:
    words = term if isinstance(term, tuple) else (term,)
    return ", ".join(LOA_CATEGORIES.get(str(word), str(word)) for word in words)


def _key(rule: Rule) -> Key:
    return TOPICS[rule.topic][rule.key]
