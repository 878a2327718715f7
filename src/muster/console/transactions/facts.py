"""What was known when a check was made, in words; `failed` are a failure's parameters, None if it passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from muster.core.counting import counted
from muster.core.eligibility import Check
from muster.core.words import LOA_CATEGORIES, states
from muster.transactions.models import Transaction

Facts = Mapping[str, Any]
Failed = Mapping[str, Any] | None


def company(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    if failed is not None:
        yield f"No company of yours has the CoCode {one.cocode}."
    else:
        yield f"CoCode {one.cocode} is {one.company_name or 'a company without a name'}."


def setting(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    if failed is None:
        how = ", just in time" if facts.get("just_in_time") else ""
        yield f"It appoints in {_state(one)}{how}."
        return
    yield f"It has no setting for {_state(one)} that is in force."
    if others := (facts.get("company") or {}).get("states"):
        yield f"It has settings for {', '.join(others)}."


def supported(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    yield f"Requested: {_categories(one.categories)}."
    if known := facts.get("company"):
        yield f"Supported: {_categories(known.get('categories', ()))}."


def assignment(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    if failed is not None:
        wanted = _categories([code for code in str(failed.get("categories", "")).split(";") if code])
        yield f"No assignment covers {wanted} in {_state(one)} with CoCode {one.cocode}."
    else:
        yield "An assignment covers it." if facts.get("assignment_required") else "None is required."


def business_rule(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    if failed is not None:
        yield f"No active business rule of {_state(one)} is for {_categories(one.categories)}."
    elif lines := facts.get("lines"):
        yield f"{counted(lines, 'line,lines')} in {_state(one)} for what was requested."


def entity(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    if kind := (facts.get("producer") or {}).get("kind"):
        yield "The producer is a firm." if kind == "firm" else "The producer is an individual."


def residents(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    listed = [*facts.get("residents", ()), *facts.get("licenses", ())]
    found = [_license(told) for told in listed if told.get("resident")]
    yield from found
    if not found and failed is not None:
        yield "The registry lists no resident license."


def in_state(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    listed = facts.get("licenses", ())
    if failed is not None:
        yield f"The registry lists no such license in {_state(one)}."
        yield from map(_license, listed)
    elif listed:
        yield f"{counted(len(listed), 'license,licenses')} in {_state(one)}."


def licenses(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    for told in facts.get("licenses", ()):
        lines = "; ".join(f"{name} ({status.lower()})" for _, name, status in told.get("lines", ()))
        yield f"{_license(told)} Lines: {lines or 'none'}."


def line(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    if failed is not None:
        yield f"No eligible license holds {one.line_name or 'the line'} as an active line."
    elif one.license_number:
        yield f"License {one.license_number} holds {one.line_name}."


def appointment(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    if failed is None:
        yield "None was in force."


def other(one: Transaction, facts: Facts, failed: Failed) -> Iterator[str]:
    if failed is None:
        yield "None was open."


TOLD: Mapping[Check, Callable[[Transaction, Facts, Failed], Iterator[str]]] = {
    Check.COCODE_NOT_FOUND: company,
    Check.STATE_NOT_SET: setting,
    Check.COMPANY_LACKS_LOA: supported,
    Check.OUTSIDE_ASSIGNMENT: assignment,
    Check.NO_BUSINESS_RULE: business_rule,
    Check.ENTITY_NOT_APPOINTED: entity,
    Check.NO_RESIDENT_LICENSE: residents,
    Check.LICENSE_NOT_FOUND: in_state,
    Check.LICENSE_NOT_ACTIVE: licenses,
    Check.LINE_NOT_HELD: line,
    Check.ALREADY_APPOINTED: appointment,
    Check.OPEN_TRANSACTION: other,
}
"""What is told of each check."""


def _state(one: Transaction) -> str:
    return states().get(one.jurisdiction, one.jurisdiction)


def _categories(codes: Sequence[str]) -> str:
    return ", ".join(LOA_CATEGORIES.get(code, code) for code in codes) or "none"


def _license(told: Mapping[str, Any]) -> str:
    named = " ".join(filter(None, (told.get("state"), told.get("number"), told.get("class"))))
    standing = "active" if told.get("active") else "not active"
    until = f"expires {_day(told['expires'])}" if told.get("expires") else "does not expire"
    return f"{named}: {standing}, {until}."


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day:%b} {day.day}, {day.year}"
