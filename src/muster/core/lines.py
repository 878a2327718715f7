"""What a state's own lines of authority and license classes mean nation-wide.

A line is looked up by state, class, code and name; then, the class being unknown, by state, code and name,
and at last by state and name, in any case and spacing. A line that the rules do not know has no category.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from io import StringIO
from typing import NamedTuple

from muster.core.rulebook import rule_text
from muster.core.words import LOA_CATEGORIES

NO_CATEGORY: frozenset[str] = frozenset()
PRODUCER = "producer"

CLOSE = 0.75
"""How much alike two names of lines are, of 1, where one is offered for the other."""

Key = tuple[str, ...]

# The registry's words are looked up again and again; what others may send must not fill the memory.
REMEMBERED = 65_536


class _Tables(NamedTuple):
    by_class: Mapping[Key, frozenset[str]]
    by_code: Mapping[Key, frozenset[str]]
    by_name: Mapping[Key, frozenset[str]]


@lru_cache(maxsize=REMEMBERED)
def categories_of(
    state: str, class_code: str, code: str, name: str, agent_type: str = PRODUCER
) -> frozenset[str]:
    """The LOA categories of a line of authority; none for a line that the rules do not know.

    `class_code` is that of the license, empty where nobody tells it, as with appointments. Then the line is
    taken as classes of this agent type know it: a line "Casualty" of an adjuster's class means something else
    than a producer's. Source: rules/us/lines_of_authority.csv.
    """
    tables = _tables()
    class_code, code, name = folded(class_code), folded(code), folded(name)
    if found := tables.by_class.get((state, class_code, code, name)):
        return found
    for table, key in ((tables.by_code, (state, code, name)), (tables.by_name, (state, name))):
        if found := table.get((agent_type, *key)) or table.get(("", *key)):
            return found
    return NO_CATEGORY


@lru_cache(maxsize=REMEMBERED)
def agent_type_of(state: str, class_code: str, class_name: str) -> str:
    """As what the holder of a license of this class acts: an agent type, or "other".

    A class that the rules do not know counts as a producer's: most are, and to overlook a license would ask
    for a second one. Source: rules/us/license_classes.csv.
    """
    by_code, by_name = _classes()
    return by_code.get((state, folded(class_code))) or by_name.get((state, folded(class_name))) or PRODUCER


class KnownLine(NamedTuple):
    """A line of authority that a state grants, in the class of license that carries it.

    `is_general` says that the class is the one that the state's producers commonly hold.
    """

    state: str
    class_code: str
    class_name: str
    code: str
    name: str
    categories: tuple[str, ...]
    is_general: bool


@cache
def known_lines() -> tuple[KnownLine, ...]:
    """Every line of every class of every state. Source: rules/us/lines_of_authority.csv."""
    general = {
        (row["state"], row["license_class_code"], row["license_class_name"])
        for row in _rows("license_classes.csv")
        if row["general"] == "yes"
    }
    return tuple(
        KnownLine(
            *(of_class := (row["state"], row["license_class_code"], row["license_class_name"])),
            row["loa_code"],
            row["loa_name"],
            tuple(category for category in LOA_CATEGORIES if category in row["category"].split(";")),
            of_class in general,
        )
        for row in _rows("lines_of_authority.csv")
    )


@cache
def lines_of(state: str) -> frozenset[str]:
    """The names of the lines that a state grants, as they are compared."""
    return frozenset(folded(one.name) for one in known_lines() if one.state == state)


@lru_cache(maxsize=REMEMBERED)
def folded(text: str) -> str:
    """The text as it is compared: blanks and case aside."""
    return " ".join(text.split()).casefold()


def closest_line(name: str, names: Iterable[str]) -> str:
    """That of the names of lines which a misspelled one is likely to mean; empty if none is close."""
    by_fold = {folded(one): one for one in names}
    near = get_close_matches(folded(name), by_fold, n=1, cutoff=CLOSE)
    return by_fold[near[0]] if near else ""


@cache
def _tables() -> _Tables:
    by_class: dict[Key, set[str]] = defaultdict(set)
    by_code: dict[Key, set[str]] = defaultdict(set)
    by_name: dict[Key, set[str]] = defaultdict(set)
    for row in _rows("lines_of_authority.csv"):
        state, class_code = row["state"], row["license_class_code"]
        code, name = folded(row["loa_code"]), folded(row["loa_name"])
        categories = {part.strip() for part in row["category"].split(";") if part.strip()}
        by_class[state, folded(class_code), code, name] |= categories
        for agent_type in (agent_type_of(state, class_code, row["license_class_name"]), ""):
            by_code[agent_type, state, code, name] |= categories
            by_name[agent_type, state, name] |= categories
    return _Tables(*(_frozen(table.items()) for table in (by_class, by_code, by_name)))


def _frozen(items: Iterable[tuple[Key, set[str]]]) -> dict[Key, frozenset[str]]:
    return {key: frozenset(categories) for key, categories in items}


@cache
def _classes() -> tuple[Mapping[tuple[str, str], str], Mapping[tuple[str, str], str]]:
    rows = list(_rows("license_classes.csv"))
    by_code = {(row["state"], folded(row["license_class_code"])): row["agent_type"] for row in rows}
    by_name = {(row["state"], folded(row["license_class_name"])): row["agent_type"] for row in rows}
    return by_code, by_name


def _rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(StringIO(rule_text(name), newline=""))
