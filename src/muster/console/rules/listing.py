"""All states side by side: how each appoints, and how much is known of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from muster.console.rules.address import Selection, unknown_words
from muster.console.rules.words import brief_words, told_words
from muster.core.amounts import dollars
from muster.core.counting import counted
from muster.core.rules.book import Rulebook
from muster.core.rules.coverage import Covered, coverage
from muster.core.rules.keys import APPOINTING, FEES, TOPICS
from muster.core.rules.rule import Rule, Standing
from muster.core.words import states
from muster.maps.us import Look, Mark, UsMap, us_map

ALL_KEYS = sum(len(keys) for keys in TOPICS.values())

FILINGS: Mapping[object, str] = {"appointment": "Filed", "registry": "Own register"}
FILING_LOOKS: Mapping[object, Look] = {"appointment": Look.GOOD, "registry": Look.PAST}


@dataclass(frozen=True, slots=True)
class Cell:
    """What is told of one key: in short, and in full; both empty where nobody has told."""

    words: str
    full: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state in the list. The numbers are of keys, each counted by the best value that is told."""

    code: str
    name: str
    filing: Cell
    just_in_time: Cell
    deadline: Cell
    fee: Cell
    standings: Mapping[Standing, int]
    unknown: frozenset[str]

    @property
    def own(self) -> int:
        return self.standings.get(Standing.OVERRIDDEN, 0)

    @property
    def reviewed(self) -> int:
        return self.standings.get(Standing.REVIEWED, 0)

    @property
    def approximate(self) -> int:
        return self.standings.get(Standing.APPROXIMATE, 0)

    @property
    def known(self) -> int:
        return ALL_KEYS - len(self.unknown)


def state_rows(book: Rulebook, on: date) -> list[StateRow]:
    """A row for every state, by name."""
    covered: dict[str, list[Covered]] = defaultdict(list)
    for one in coverage(book, on):
        covered[one.state].append(one)
    rows = [_row(book, code, name, covered[code], on) for code, name in states().items()]
    return sorted(rows, key=lambda row: row.name)


def _row(book: Rulebook, code: str, name: str, covered: Iterable[Covered], on: date) -> StateRow:
    covered = list(covered)
    filing = book.holding(code, APPOINTING, "filing", on)
    deadline = book.holding(code, APPOINTING, "deadline_days", on)
    return StateRow(
        code,
        name,
        filing=_cell(filing, "".join(FILINGS.get(rule.value, "") for rule in filing)),
        just_in_time=_cell(book.holding(code, APPOINTING, "just_in_time", on)),
        deadline=_cell(deadline, _days(deadline)),
        fee=_fee(book.holding(code, FEES, "appointment_new", on)),
        standings=Counter(one.standing for one in covered),
        unknown=frozenset(f"{one.topic}.{one.key}" for one in covered if one.standing is Standing.UNKNOWN),
    )


def _cell(rules: Iterable[Rule], words: str | None = None) -> Cell:
    known = [rule for rule in rules if rule.is_known]
    full = told_words(known)
    is_own = any(rule.standing is Standing.OVERRIDDEN for rule in known)
    return Cell(full if words is None else words, full, is_own)


def _days(rules: Iterable[Rule]) -> str:
    numbers = sorted({rule.value for rule in rules if isinstance(rule.value, int)})
    if not numbers:
        return ""
    return " or ".join([*map(str, numbers[:-1]), counted(numbers[-1], "day,days")])


def _fee(rules: Iterable[Rule]) -> Cell:
    known = [rule for rule in rules if rule.is_known]
    amounts = sorted({rule.value for rule in known if isinstance(rule.value, int)})
    if len(amounts) > 1:
        words = f"{dollars(amounts[0])} to {dollars(amounts[-1])}"
    else:
        words = brief_words(known[0]) if known else ""
    return _cell(known, words)


def matching(rows: Iterable[StateRow], selection: Selection) -> list[StateRow]:
    """Those that the selection asks for."""
    search = selection.search.casefold()
    is_code = search.upper() in states()
    return [
        row
        for row in rows
        if (search == row.code.casefold() if is_code else search in row.name.casefold())
        and (not selection.unknown or selection.unknown in row.unknown)
        and (not selection.own or row.own)
    ]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A key by which the list can be narrowed, and of how many states it is unknown."""

    value: str
    label: str
    states: int


def unknowns(rows: Iterable[StateRow]) -> list[Unknown]:
    """Every key in its order."""
    counts = Counter(one for row in rows for one in row.unknown)
    return [
        Unknown(value, unknown_words(value), counts[value])
        for value in (f"{topic}.{key}" for topic, keys in TOPICS.items() for key in keys)
    ]


def map_of(rows: Iterable[StateRow], book: Rulebook, unknown: str, on: date) -> UsMap:
    """Where appointments are filed; or, where `unknown` names a key, of which states it is known."""
    marks = {}
    for row in rows:
        if unknown:
            is_known = unknown not in row.unknown
            look, words = (Look.GOOD, "known") if is_known else (Look.WANTED, "unknown")
        else:
            look = FILING_LOOKS.get(book.at(row.code, APPOINTING, "filing", on).value, Look.WANTED)
            words = row.filing.full or "unknown"
        if row.own:
            words += f", {counted(row.own, 'own value,own values')}"
        marks[row.code] = Mark(look, words, reverse("state-rules", args=[row.code]), has_dot=bool(row.own))
    return us_map(marks)
