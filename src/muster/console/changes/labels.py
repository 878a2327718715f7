"""What the tracked columns are called, and how their values are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime

from muster.console.appointments.words import risk_words
from muster.console.templatetags.producing import phone
from muster.core.profile import QUESTIONS
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES, SCORECARD_TYPES, states

NOTHING = "—"
"""Stands where there is no value."""

LABELS: Mapping[str, str] = {
    "action_id": "Number",
    "action_on": "Action on",
    "address_state": "State",
    "adjuster_home_state": "Adjuster’s home state",
    "agency": "Agency",
    "agency_affiliation": "Agency affiliation",
    "agency_id": "Agency number",
    "agent_type": "Agent type",
    "born_on": "Date of birth",
    "categories": "Categories",
    "ce_compliance": "Continuing education",
    "ce_credits_needed": "Credits needed",
    "ce_renewal_on": "Education due",
    "city": "City",
    "class_code": "Class code",
    "class_name": "Class",
    "cocode": "CoCode",
    "cocodes": "CoCodes",
    "code": "Code",
    "company_name": "Company",
    "country": "Country",
    "county_code": "County",
    "disposition": "Disposition",
    "effective_on": "Effective",
    "explanation": "Explanation",
    "email": "Email",
    "employer": "Employer",
    "ends_on": "Until",
    "entered_on": "Entered",
    "expires_on": "Expires",
    "fein": "FEIN",
    "file_reference": "File reference",
    "first_effective_on": "First effective",
    "first_name": "First name",
    "gone_at": "No longer listed since",
    "health": "Health",
    "identity": "Identity",
    "is_active": "Status",
    "is_watched": "Daily alerts",
    "is_yes": "Answer",
    "removed_at": "Removed",
    "issued_on": "Issued",
    "kind": "Kind",
    "last_name": "Last name",
    "line_1": "Address line 1",
    "line_2": "Address line 2",
    "line_3": "Address line 3",
    "line_code": "Line code",
    "line_name": "Line",
    "middle_name": "Middle name",
    "mobile": "Mobile phone",
    "name": "Line",
    "name_differs": "Name in the file",
    "name_suffix": "Suffix",
    "npn": "NPN",
    "number": "Number",
    "order_length": "Length of order",
    "origin": "Origin",
    "other_names": "Other names",
    "penalty": "Penalty",
    "phone": "Phone",
    "question": "Question",
    "reason": "Reason",
    "renews_on": "Renews",
    "residency": "Residency",
    "risks": "Reasons",
    "scorecard_type": "Scorecard type",
    "ssn_last4": "SSN, last four",
    "starts_on": "From",
    "state": "State",
    "state_company_id": "State’s company ID",
    "states": "States",
    "status": "Status",
    "status_on": "Status since",
    "status_reason": "Reason",
    "status_reason_on": "Status since",
    "termination_reason": "Reason it ended",
    "title": "Position",
    "type_code": "Type code",
    "type_name": "Type",
    "updated_on": "State’s update",
    "value": "Value",
    "zip": "ZIP",
}
"""Every name that can stand in `old` and `new`."""

UNSAID = frozenset({"agency_id", "identity"})
"""Ours alone: what a person reads of them stands in other fields."""


def shown(name: str, value: Any) -> str:
    """A value in words; `NOTHING` for none."""
    if value in (None, "", []):
        return NOTHING
    if write := WRITERS.get(name):
        return write(value)
    if name.endswith(("_on", "_at")):
        return day(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def day(value: Any) -> str:
    """`2026-03-05` as "Mar 5, 2026", and a moment as its day by the site's clock; what is no date stays."""
    text = str(value)
    try:
        moment = parse_datetime(text) if len(text) > len("2026-03-05") else None
        on = localtime(moment).date() if moment and moment.tzinfo else date.fromisoformat(text[:10])
    except ValueError:
        return text
    return f"{on:%b} {on.day}, {on.year}"


def state_name(code: str) -> str:
    """The name of a state; a code that is none stays as it is."""
    return states().get(code, code)


def plain(code: str) -> str:
    """`license_expired` as "License expired"."""
    return code.replace("_", " ").capitalize()


def _either(yes: str, no: str) -> Callable[[Any], str]:
    return lambda value: yes if value else no


def _of(words: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda value: words.get(value, str(value))


def _each(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda values: ", ".join(write(value) for value in values)


def _other_name(name: Any) -> str:
    return f"{name.get('name', '')} ({name.get('kind', '')}, {name.get('state', '')})"


WRITERS: Mapping[str, Callable[[Any], str]] = {
    "address_state": state_name,
    "adjuster_home_state": state_name,
    "agent_type": _of(AGENT_TYPES),
    "categories": _each(_of(LOA_CATEGORIES)),
    "health": _of({"active": "Active", "at_risk": "At risk", "ended": "Ended"}),
    "is_active": _either("Active", "Inactive"),
    "is_watched": _either("On", "Off"),
    "is_yes": _either("Yes", "No"),
    "kind": plain,
    "mobile": phone,
    "name_differs": _either("Differs from the registry’s", "The same as the registry’s"),
    "other_names": _each(_other_name),
    "phone": phone,
    "question": _of(QUESTIONS),
    "residency": _of({"R": "Resident", "NR": "Nonresident"}),
    "risks": _each(risk_words),
    "scorecard_type": _of(SCORECARD_TYPES),
    "ssn_last4": lambda value: f"•••-••-{value}",
    "state": state_name,
    "states": _each(state_name),
    "value": phone,
}
