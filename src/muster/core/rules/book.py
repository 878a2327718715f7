"""The book of all state rules: what holds in a state on a day, with an organization's own values over it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, cached_property
from types import MappingProxyType

from muster.core.rulebook import hash_of, rule_files
from muster.core.rules.keys import TOPICS, fault_of
from muster.core.rules.reading import Topic, read_topic
from muster.core.rules.rule import Override, Rule, Standing, Strand
from muster.core.rules.terms import fault_of_terms, frozen
from muster.core.words import states

Place = tuple[str, str, str]

NOTHING: Topic = {}
SHORT = 12


class Rulebook:
    """All state rules, read when they are asked for and then kept.

    A state or a key of which nothing is told gives a rule of standing `unknown`, never a default. A topic or
    a key that there is not raises KeyError; a file that cannot be read, RulesBroken.
    """

    def __init__(
        self, base: Rulebook | None = None, own: Mapping[Place, tuple[Rule, ...]] | None = None
    ) -> None:
        self._base = base
        self._own: Mapping[Place, tuple[Rule, ...]] = own or {}
        self._read: dict[tuple[str, str], Topic] = base._read if base else {}

    def at(self, state: str, topic: str, key: str, on: date) -> Rule:
        """The value that holds in the state on this day for all: the one with the latest start up to it.

        Unknown, with a note that says why, where nobody has told; also where only values for some are told
        (`holding` gives those).
        """
        found = self._found(state, topic, key, on)
        if general := found.get(()):
            return general
        return self._unknown(state, topic, key, of_some=bool(found))

    def holding(self, state: str, topic: str, key: str, on: date) -> list[Rule]:
        """Every value of the key that holds on this day: one for all, or several for different cases."""
        return list(self._found(state, topic, key, on).values())

    def all_at(self, state: str, topic: str, on: date) -> list[Rule]:
        """What holds on this day for every key of the topic, in their order; those that are unknown too."""
        return [
            rule
            for key in TOPICS[topic]
            for rule in self.holding(state, topic, key, on) or [self._unknown(state, topic, key)]
        ]

    def history(self, state: str, topic: str, key: str) -> list[Rule]:
        """Every value that was ever told, from the earliest on; the organization's own come last."""
        return [*self._told(state, topic, key), *self._own.get((state, topic, key), ())]

    def with_overrides(self, overrides: Iterable[Override]) -> Rulebook:
        """A book in which these values win from their days on. It shares what this one has read.

        Raises ValueError, with a sentence, where there is no such state or key, or the value is none for it.
        """
        told = defaultdict(list, {place: list(rules) for place, rules in self._own.items()})
        for one in sorted(overrides, key=lambda one: (one.since, one.at)):
            told[one.state, one.topic, one.key].append(rule_of(one))
        if not told:
            return self
        own = {
            place: tuple(sorted(rules, key=lambda rule: rule.since or date.min))
            for place, rules in told.items()
        }
        return Rulebook(self._base or self, own)

    @cached_property
    def version(self) -> str:
        """What stands for all rules of this book, in hexadecimal digits: another if any of them is."""
        if self._base is None:
            return hash_of(rule_files())
        own = [
            (
                *place,
                rule.value,
                str(rule.since),
                sorted((name, str(term)) for name, term in rule.terms.items()),
            )
            for place in sorted(self._own)
            for rule in self._own[place]
        ]
        return hashlib.sha256(f"{self._base.version}\0{json.dumps(own)}".encode()).hexdigest()

    @property
    def short_version(self) -> str:
        """The beginning of `version`, as it is shown."""
        return self.version[:SHORT]

    def _found(self, state: str, topic: str, key: str, on: date) -> dict[Strand, Rule]:
        found: dict[Strand, Rule] = {}
        for rule in self._told(state, topic, key):
            if rule.since is None or rule.since <= on:
                found[rule.strand] = rule
        for rule in self._own.get((state, topic, key), ()):
            if rule.since is None or rule.since <= on:
                if not rule.strand:
                    found.clear()
                found[rule.strand] = rule
        return found

    def _told(self, state: str, topic: str, key: str) -> tuple[Rule, ...]:
        if key not in TOPICS[topic]:
            raise KeyError(fault_of(topic, key, None))
        read = self._read.get((state, topic))
        if read is None:
            known = f"{state.lower()}/{topic}.toml" in rule_files()
            read = self._read[state, topic] = read_topic(state, topic) if known else NOTHING
        return read.get(key, ())

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(name.partition("/")[0] for name in rule_files() if "/" in name)

    def _unknown(self, state: str, topic: str, key: str, *, of_some: bool = False) -> Rule:
        if of_some:
            note = "It differs from case to case, and no value is told for all."
        elif dated := [rule.since for rule in self.history(state, topic, key) if rule.since]:
            note = f"Nobody has told what held before {min(dated)}."
        elif state.lower() in self._folders:
            note = "Nobody has told."
        else:
            note = f"No rules of {states().get(state, state)} are known."
        return Rule(state, topic, key, None, None, "", None, Standing.UNKNOWN, note)


@cache
def rulebook() -> Rulebook:
    """The rules as they are shipped, or as `MUSTER_RULES` has them. A process reads each file once."""
    return Rulebook()


def rule_of(one: Override) -> Rule:
    """An organization's own value as a rule. Raises ValueError as `Rulebook.with_overrides` does."""
    value = frozen(one.value)
    terms = MappingProxyType({name: frozen(term) for name, term in one.terms.items()})
    fault = "" if one.state in states() else f"“{one.state}” is not a state."
    if fault := fault or fault_of(one.topic, one.key, value) or fault_of_terms(terms):
        raise ValueError(fault)
    return Rule(
        one.state,
        one.topic,
        one.key,
        value,
        one.since,
        one.reason,
        one.at.date(),
        Standing.OVERRIDDEN,
        f"Set by {one.by_name}.",
        terms,
    )
