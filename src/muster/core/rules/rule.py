"""One value of a state rule: since when it holds, who says so, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from muster.core.rules.keys import Value

Term = str | int | tuple[str, ...] | Mapping[str, int]
Strand = tuple[tuple[str, Term], ...]

NO_TERMS: Mapping[str, Term] = MappingProxyType({})

APART = ("residency", "applies", "categories")
"""The terms that tell the values of a key apart: each combination is a strand with dates of its own."""

FOR_ALL: tuple[Term, ...] = ("", "all")


class Standing(StrEnum):
    """How sure a value is.

    `reviewed`: somebody has looked it up in the statute or on the state's own page, on a day that is told.
    `approximate`: from other sources. `overridden`: the organization's own. `unknown`: nobody has told.
    """

    REVIEWED = "reviewed"
    APPROXIMATE = "approximate"
    UNKNOWN = "unknown"
    OVERRIDDEN = "overridden"


class RulesBroken(ValueError):
    """A file of the rules cannot be read: which file, which key, and what to do."""

    def __init__(self, file: str, key: str, what: str) -> None:
        super().__init__(f"rules/us/{file}: {key + ': ' if key else ''}{what}")
        self.file = file
        self.key = key


class Rule(NamedTuple):
    """A value of a key of a state from a day on. `value` is None where nobody has told it.

    `since` is None where the day is not told: the value holds before all dated ones. `terms` are the further
    fields of the entry, such as `within` or `by_domicile`. `value` of a fee is in cents.
    """

    state: str
    topic: str
    key: str
    value: Value
    since: date | None
    source: str
    checked_on: date | None
    standing: Standing
    note: str = ""
    terms: Mapping[str, Term] = NO_TERMS

    @property
    def is_known(self) -> bool:
        """Whether anybody has told."""
        return self.standing is not Standing.UNKNOWN

    @property
    def id(self) -> str:
        """What a verdict cites, as in "us/ca/appointing#backdate_days@2021-07-01"."""
        book = "own" if self.standing is Standing.OVERRIDDEN else "us"
        which = ",".join("+".join(term) if isinstance(term, tuple) else str(term) for _, term in self.strand)
        key = f"{self.key}[{which}]" if which else self.key
        return f"{book}/{self.state.lower()}/{self.topic}#{key}@{self.since or Standing.UNKNOWN}"

    @property
    def strand(self) -> Strand:
        """What tells it apart from other values that its key has on the same day; empty if it is for all."""
        return tuple((name, self.terms[name]) for name in APART if self.terms.get(name, "") not in FOR_ALL)


class Override(NamedTuple):
    """A value that an organization sets for itself, from a day on. `reason` says why, and is the source.

    `terms` may say for whom it is (`residency`, `applies`, `categories`); without them it is for all.
    """

    state: str
    topic: str
    key: str
    value: Value
    since: date
    reason: str
    by_name: str
    at: datetime
    terms: Mapping[str, Term] = NO_TERMS
