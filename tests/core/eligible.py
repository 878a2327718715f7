"""Companies, lines and producers for tests of eligibility, without a database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from muster.core.appointing import Asked, Desk, Policy
from muster.core.eligibility import (
    BusinessLine,
    CompanyState,
    CompanyTerms,
    License,
    Person,
    StateRule,
    Terms,
)
from muster.core.rules.book import rulebook
from muster.core.scorecard import HeldLine

TODAY = date(2026, 11, 26)
LINES = (
    ("9101", "Life", ("life",)),
    ("9155", "Accident & Health or Sickness (including Disability)", ("health",)),
    ("9156", "Health and Sickness (excluding Disability)", ("health",)),
    ("9157", "Part-Time Fraternal", ("life", "fraternal")),
)
STATES = ("CA", "TX", "AZ", "FL")
CLASS = ("9001", "Insurance Producer")


def a_company(**over: Any) -> CompanyTerms:
    told: dict[str, Any] = {
        "id": 1,
        "cocode": "90101",
        "name": "Northstar Life",
        "categories": frozenset({"life", "health"}),
        "states": {state: CompanyState() for state in STATES},
    }
    return CompanyTerms(**{**told, **over})


def some_terms(*companies: CompanyTerms, lines: Any = None, rules: Any = None, **over: Any) -> Terms:
    of_state = [BusinessLine(code, name, frozenset(of), *CLASS) for code, name, of in LINES]
    return Terms(
        today=TODAY,
        companies=companies or (a_company(),),
        lines=dict.fromkeys(STATES, of_state) if lines is None else lines,
        rules=dict.fromkeys(STATES, StateRule(files=True)) if rules is None else rules,
        **over,
    )


def a_license(
    number: str = "L1", state: str = "CA", held: Iterable[int] = (0, 1, 2, 3), **over: Any
) -> License:
    told: dict[str, Any] = {
        "id": sum(map(ord, number)),
        "state": state,
        "number": number,
        "class_code": CLASS[0],
        "class_name": CLASS[1],
        "is_resident": True,
        "is_active": True,
        "expires_on": date(2099, 1, 1),
        "lines": tuple(HeldLine(LINES[place][0], LINES[place][1]) for place in held),
    }
    return License(**{**told, **over})


def a_person(*licenses: License, **over: Any) -> Person:
    return Person(**{"id": 1, "npn": "1000001", "licenses": licenses or (a_license(),), **over})


def asked(producer_id: int = 1, **over: Any) -> Asked:
    told: dict[str, Any] = {
        "row_no": producer_id,
        "producer_id": producer_id,
        "states": ("CA",),
        "cocodes": ("90101",),
        "categories": ("life", "health"),
    }
    return Asked(**{**told, **over})


def a_desk(terms: Terms | None = None, **policy: Any) -> Desk:
    return Desk(terms=terms or some_terms(), book=rulebook(), policy=Policy(**policy), today=TODAY)
