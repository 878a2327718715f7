"""What a state asks for an appointment, its renewal or its end. Fees of the registry are not among these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, NamedTuple

from muster.core.rules.book import Rulebook
from muster.core.rules.keys import FEES
from muster.core.rules.rule import Rule, Standing
from muster.core.rules.terms import COMPANY

Residency = Literal["resident", "nonresident"]
Entity = Literal["individual", "agency"]


class Fee(NamedTuple):
    """An estimate in cents of a US dollar; `cents` is None where it is unknown, never 0.

    `basis` is "line" where each line costs as much, "appointment" where all lines of a producer with a
    company cost so much together, and empty where nobody has told. `text` is the fee as it was found.
    """

    cents: int | None
    basis: str
    standing: Standing
    rule_id: str
    text: str


class Total(NamedTuple):
    """A sum in cents of what is known, and of how many fees nothing is known."""

    cents: int
    unknown: int


def estimate_appointment(
    book: Rulebook,
    *,
    state: str,
    residency: Residency,
    entity: Entity,
    appointment_type: str,
    domicile: str,
    on: date,
) -> Fee:
    """What the state asks for a new appointment.

    `appointment_type` is empty where the state has none; `domicile` is the company's home state, empty where
    it is not known. A fee that is only told by type or by domicile is unknown without them.
    """
    return _estimate(book, "appointment_new", state, residency, (entity, appointment_type), domicile, on)


def estimate_termination(
    book: Rulebook,
    *,
    state: str,
    residency: Residency,
    entity: Entity,
    appointment_type: str,
    domicile: str,
    on: date,
) -> Fee:
    """What the state asks for ending an appointment; arguments as those of `estimate_appointment`."""
    return _estimate(
        book, "appointment_termination", state, residency, (entity, appointment_type), domicile, on
    )


def estimate_renewal(
    book: Rulebook,
    *,
    state: str,
    residency: Residency,
    entity: Entity,
    appointment_type: str,
    domicile: str,
    on: date,
) -> Fee:
    """What the state asks for renewing an appointment; arguments as those of `estimate_appointment`."""
    return _estimate(book, "appointment_renewal", state, residency, (entity, appointment_type), domicile, on)


def sum_fees(fees: Iterable[Fee]) -> Total:
    """Add what is known, and count what is not.

    A fee whose basis is "appointment" is to be given once for all lines of a producer with a company.
    """
    cents = unknown = 0
    for fee in fees:
        if fee.cents is None:
            unknown += 1
        else:
            cents += fee.cents
    return Total(cents, unknown)


def _estimate(
    book: Rulebook,
    key: str,
    state: str,
    residency: str,
    applying: tuple[str, str],
    domicile: str,
    on: date,
) -> Fee:
    fitting = [
        rule
        for rule in book.holding(state, FEES, key, on)
        if _term(rule, "residency", "all") in (residency, "all") and _term(rule, "applies") in ("", *applying)
    ]
    if not fitting:
        rule = book.at(state, FEES, key, on)
        return Fee(None, "", Standing.UNKNOWN, rule.id, rule.note)
    rule = max(
        fitting, key=lambda rule: (_term(rule, "applies") != "", _term(rule, "residency", "all") != "all")
    )
    cents = _cents(rule, domicile)
    standing = Standing.UNKNOWN if cents is None else rule.standing
    return Fee(cents, _term(rule, "basis"), standing, rule.id, _term(rule, "text") or rule.note)


def _cents(rule: Rule, domicile: str) -> int | None:
    by_domicile = rule.terms.get("by_domicile")
    if not isinstance(by_domicile, Mapping):
        return rule.value if isinstance(rule.value, int) else None
    contested, otherwise = rule.terms.get("contested", ()), rule.terms.get("otherwise_cents")
    depends_on_company = rule.terms.get("depends_on") == COMPANY
    if not domicile or not depends_on_company or (isinstance(contested, tuple) and domicile in contested):
        return None
    return by_domicile.get(domicile, otherwise if isinstance(otherwise, int) else None)


def _term(rule: Rule, name: str, otherwise: str = "") -> str:
    found = rule.terms.get(name, otherwise)
    return found if isinstance(found, str) else otherwise
