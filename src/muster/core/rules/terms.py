"""The further fields that a value may have beside what every value has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from muster.core.words import LOA_CATEGORIES, jurisdictions

LESS_THAN, UP_TO = "less than", "up to"
CONTRACT, FIRST_BUSINESS = "contract", "first_business"
FIRST_APPLICATION, EFFECTIVE_DATE = "first_application", "effective_date"
EVENTS = (CONTRACT, FIRST_BUSINESS, FIRST_APPLICATION, EFFECTIVE_DATE)
COMPANY, HOME_STATE = "company", "home state"

Check = tuple[Callable[[Any], bool], str]


def frozen(given: Any) -> Any:
    """The value as it is kept: nobody changes it afterwards."""
    if isinstance(given, list):
        return tuple(given)
    return MappingProxyType(given) if isinstance(given, dict) else given


def fault_of_terms(terms: Mapping[str, Any]) -> str:
    """What is wrong with further fields, in a sentence; empty if nothing is."""
    for name, term in terms.items():
        if name not in TERMS:
            return f"“{name}” is not a field of a value. Further fields are: {', '.join(TERMS)}."
        is_good, wanted = TERMS[name]
        if not is_good(term):
            return f"{name} is {wanted}."
    return ""


def _one_of(*words: str) -> Check:
    return lambda term: term in words, f"one of: {', '.join(words)}"


def _some_of(words: Collection[str]) -> Check:
    return (
        lambda term: _are_texts(term) and bool(term) and all(one in words for one in term),
        f"a list of some of: {', '.join(words)}",
    )


def _is_text(term: Any) -> bool:
    return isinstance(term, str) and bool(term)


def _are_texts(term: Any) -> bool:
    return isinstance(term, tuple) and all(map(_is_text, term))


def _are_states(term: Any) -> bool:
    return _are_texts(term) and all(state in jurisdictions() for state in term)


def _is_cents(term: Any) -> bool:
    return type(term) is int and term >= 0


def _is_days(term: Any) -> bool:
    return type(term) is int and term >= 0


def _is_by_state(term: Any) -> bool:
    return isinstance(term, Mapping) and _are_states(tuple(term)) and all(map(_is_cents, term.values()))


TERMS: Mapping[str, Check] = MappingProxyType(
    {
        "within": _one_of(LESS_THAN, UP_TO),
        "counts_from": _some_of(EVENTS),
        "whichever": _one_of("earlier", "later"),
        "categories": _some_of(LOA_CATEGORIES),
        "names": (_are_texts, "a list of texts"),
        "residency": _one_of("resident", "nonresident", "all"),
        "applies": (_is_text, "a text"),
        "basis": _one_of("line", "appointment"),
        "text": (_is_text, "a text"),
        "by_domicile": (_is_by_state, "a table of amounts in cents by state, as in { TX = 1000 }"),
        "otherwise_cents": (_is_cents, "an amount in cents, 0 or more"),
        "contested": (_are_states, "a list of states"),
        "agency_days": (_is_days, "a number of days, 0 or more"),
        "depends_on": _one_of(COMPANY, HOME_STATE),
    }
)
"""By name: what a good one is, and how to say so."""
