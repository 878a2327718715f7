"""One state: each key with what is told of it, who says so, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from muster.carriers.models import RuleOverride
from muster.carriers.state_rules import own_rule
from muster.console.rules.links import Source, anchor_of, sources_of
from muster.console.rules.words import (
    LOOKS,
    TOPIC_LABELS,
    Look,
    case_words,
    day_words,
    label_of,
    value_words,
)
from muster.core.amounts import dollars
from muster.core.rules.book import Rulebook
from muster.core.rules.cases import cases
from muster.core.rules.keys import FEES, TOPICS, Key
from muster.core.rules.rule import Rule, Standing
from muster.core.words import states


@dataclass(frozen=True, slots=True)
class Told:
    """One value as the page shows it.

    `place` is that of its case among all cases of the key. `tag` says why another one holds, where one does.
    """

    rule: Rule
    anchor: str
    place: int = 0
    tag: str = ""

    @property
    def words(self) -> str:
        return value_words(self.rule)

    @property
    def case(self) -> str:
        return case_words(self.rule.strand)

    @property
    def look(self) -> Look:
        return LOOKS[self.rule.standing]

    @property
    def is_own(self) -> bool:
        return self.rule.standing is Standing.OVERRIDDEN

    @property
    def since(self) -> str:
        return day_words(self.rule.since) if self.rule.since else ""

    @property
    def checked(self) -> str:
        return day_words(self.rule.checked_on) if self.rule.checked_on else ""

    @property
    def set_by(self) -> str:
        """Who has set an own value, and when."""
        return f"{self.rule.note.removesuffix('.')} on {self.checked}"

    @property
    def sources(self) -> list[Source]:
        """Those who are cited; an own value has a reason in place of them."""
        return [] if self.is_own else sources_of(self.rule.source)

    @property
    def found(self) -> str:
        """The words as they were found, where they are not the note."""
        text = self.rule.terms.get("text", "")
        return text if isinstance(text, str) and text != self.rule.note else ""

    @property
    def by_home_state(self) -> list[tuple[str, str]]:
        """The amounts of a fee that depends on the home state: the state's name, and how much."""
        table, otherwise = self.rule.terms.get("by_domicile"), self.rule.terms.get("otherwise_cents")
        contested = self.rule.terms.get("contested", ())
        if not isinstance(table, Mapping) or not isinstance(contested, tuple):
            return []
        rows = [
            (name, "unknown: sources disagree" if code in contested else dollars(table[code]))
            for code, name in states().items()
            if code in table or code in contested
        ]
        return [*rows, ("All others", dollars(otherwise) if isinstance(otherwise, int) else "unknown")]


@dataclass(frozen=True, slots=True)
class KeyTold:
    """A key, what holds of it on the day, and every other value that was ever told or is for later."""

    topic: str
    key: Key
    holding: list[Told]
    others: list[Told]
    anchor: str

    @property
    def label(self) -> str:
        return label_of(self.topic, self.key.name)

    @property
    def meaning(self) -> str:
        """What the key says, where its label does not say it already."""
        return "" if self.topic == FEES else self.key.meaning

    @property
    def is_known(self) -> bool:
        return any(told.rule.is_known for told in self.holding)


@dataclass(frozen=True, slots=True)
class TopicTold:
    """A topic of a state."""

    topic: str
    keys: list[KeyTold]

    @property
    def label(self) -> str:
        return TOPIC_LABELS[self.topic]

    @property
    def known(self) -> int:
        return sum(key.is_known for key in self.keys)


@dataclass(frozen=True, slots=True)
class OwnValue:
    """A value that the organization has set: `standing` says whether it holds, and since or until when."""

    override: RuleOverride
    told: Told
    standing: str
    holds: bool

    @property
    def label(self) -> str:
        return (
            f"{TOPIC_LABELS[self.override.topic]}: {label_of(self.override.topic, self.override.key).lower()}"
        )


def topics_of(book: Rulebook, state: str, on: date) -> list[TopicTold]:
    """All that is told of a state, topic by topic."""
    return [
        TopicTold(topic, [told_of_key(book, state, topic, key, on) for key in keys])
        for topic, keys in TOPICS.items()
    ]


def told_of_key(book: Rulebook, state: str, topic: str, key: str, on: date) -> KeyTold:
    """All that is told of one key of a state."""
    at = (state, topic, key)
    holding = book.holding(*at, on) or [book.at(*at, on)]
    others = [rule for rule in book.history(*at) if rule not in holding]
    is_own = any(rule.standing is Standing.OVERRIDDEN for rule in holding)
    # Of values with one id the last counts; it bears the anchor.
    anchors = {rule.id: rule for rule in [*others, *holding]}
    unknown = f"us/{state.lower()}/{topic}#{key}@{Standing.UNKNOWN}"
    places = list(cases(book, *at))

    def told(rule: Rule, tag: str = "") -> Told:
        anchor = anchor_of(rule.id) if anchors[rule.id] is rule else ""
        return Told(rule, anchor, places.index(rule.strand), tag)

    return KeyTold(
        topic,
        TOPICS[topic][key],
        [told(rule) for rule in holding],
        [told(rule, _tag(rule, on, is_own=is_own)) for rule in reversed(others)],
        anchor="" if unknown in anchors else anchor_of(unknown),
    )


def _tag(rule: Rule, on: date, *, is_own: bool) -> str:
    """Why another value holds in place of this one."""
    if rule.since and rule.since > on:
        return "Later"
    if is_own and rule.standing is not Standing.OVERRIDDEN:
        return "Yours counts in its place"
    return "Earlier"


def own_values_of(overrides: Iterable[RuleOverride], topics: Iterable[TopicTold], on: date) -> list[OwnValue]:
    """The organization's own values of a state, the newest first, ended ones too."""
    shown = {told.anchor for topic in topics for key in topic.keys for told in (*key.holding, *key.others)}
    held = [told.rule for topic in topics for key in topic.keys for told in key.holding]
    found = []
    for override in overrides:
        rule = own_rule(override)
        anchor = anchor_of(rule.id)
        told = Told(rule, "" if anchor in shown else anchor)
        shown.add(anchor)
        if override.ended_at:
            standing, holds = "Ended", False
        elif rule.since and rule.since > on:
            standing, holds = f"From {day_words(rule.since)} on", False
        elif rule in held:
            held.remove(rule)
            standing, holds = "Holds", True
        else:
            standing, holds = "A later one took its place", False
        found.append(OwnValue(override, told, standing, holds))
    return found
