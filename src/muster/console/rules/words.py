"""State rules in words: topics, keys, values, cases and standings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from muster.core.amounts import dollars
from muster.core.counting import counted
from muster.core.rules.keys import APPOINTING, FEES, LICENSING, RENEWAL, TERMINATIONS, TOPICS, Kind, Value
from muster.core.rules.reasons import termination_reasons
from muster.core.rules.rule import Rule, Standing, Strand, Term
from muster.core.rules.terms import (
    CONTRACT,
    EFFECTIVE_DATE,
    FIRST_APPLICATION,
    FIRST_BUSINESS,
    HOME_STATE,
    LESS_THAN,
)
from muster.core.words import LOA_CATEGORIES

TOPIC_LABELS: Mapping[str, str] = {
    APPOINTING: "Appointing",
    FEES: "Fees",
    TERMINATIONS: "Terminations",
    RENEWAL: "Renewal",
    LICENSING: "Licenses",
}

LABELS: Mapping[str, Mapping[str, str]] = {
    APPOINTING: {
        "filing": "Filing",
        "agencies_appointed": "Agencies appointed",
        "agency_covers_producers": "Agency covers its producers",
        "just_in_time": "Just in time",
        "deadline_days": "Deadline",
        "effective_date_given": "Effective date taken",
        "effective_date_needed": "Effective date needed",
        "backdate_days": "Back-dating",
        "future_date": "Future dates",
        "county_needed": "County",
        "appointment_types": "Types of appointment",
        "via_registry": "Through the registry",
        "license_needs_appointment": "License needs an appointment",
    },
    FEES: {
        "appointment_new": "Appointment",
        "appointment_renewal": "Renewal of an appointment",
        "appointment_renewal_late": "Late renewal of an appointment",
        "appointment_termination": "End of an appointment",
        "license_new": "License",
        "license_renewal": "Renewal of a license",
        "license_renewal_late": "Late renewal of a license",
    },
    TERMINATIONS: {
        "reasons": "Reasons",
        "reason_needed": "Reason needed",
        "date_given": "Date taken",
        "date_needed": "Date needed",
        "backdate_days": "Back-dating",
        "future_date": "Future dates",
        "all_lines_end": "One line ends all",
        "for_cause": "For cause",
        "notice": "Notice to the producer",
        "via_registry": "Through the registry",
        "ends_with_license": "Ends with the license",
    },
    RENEWAL: {
        "needed": "Renewed",
        "cycle": "Cycle",
        "via": "Where",
        "invoice_from": "Invoice from",
        "invoice_to": "Invoice until",
        "last_termination": "Last day to end",
        "if_unpaid": "If unpaid",
        "new_appointments": "New appointments",
        "blackout": "Blackout",
    },
    LICENSING: {
        "term": "Term of a license",
        "renewal_window_days": "Renewal window",
    },
}

CHOICES: Mapping[str, str] = {
    "yes": "Yes",
    "no": "No",
    "some": "Some, or in some cases",
    "appointment": "Filed with the state",
    "registry": "Companies keep a register of their own",
    "online": "Online",
    "documents": "Online, with documents",
    "offline": "Not online",
    "mail": "By mail",
    "email": "By email",
}

EVENTS: Mapping[str, str] = {
    CONTRACT: "the contract",
    FIRST_BUSINESS: "the first business",
    FIRST_APPLICATION: "the first application",
    EFFECTIVE_DATE: "the effective date",
}

BASES: Mapping[str, str] = {"line": "for each line", "appointment": "for all lines together"}

CASES: Mapping[str, str] = {
    "resident": "Residents",
    "nonresident": "Nonresidents",
    "individual": "individuals",
    "agency": "agencies",
}


class Look(NamedTuple):
    """How a standing is shown: its word, a color of the kit, an icon, and what it means."""

    label: str
    color: str
    icon: str
    meaning: str


LOOKS: Mapping[Standing, Look] = {
    Standing.OVERRIDDEN: Look(
        "Your own", "purple", "user-edit", "Your organization has set it, with a reason; it wins."
    ),
    Standing.REVIEWED: Look(
        "Reviewed",
        "green",
        "circle-check",
        "Somebody has looked it up in the statute or on the state’s page.",
    ),
    Standing.APPROXIMATE: Look(
        "Approximate",
        "yellow",
        "circle-half-2",
        "It comes from other sources, or nobody has said when they looked.",
    ),
    Standing.UNKNOWN: Look(
        "Unknown",
        "secondary",
        "help-circle",
        "Nobody has told. It refuses no filing, and is never taken for zero.",
    ),
}


def label_of(topic: str, key: str) -> str:
    """A key as a heading: "Back-dating"."""
    return LABELS[topic][key]


def day_words(day: date) -> str:
    """A day as all pages write it: "Jul 1, 2026"."""
    return f"{day:%b} {day.day}, {day.year}"


def value_words(rule: Rule) -> str:
    """The value with all that belongs to it: "15 days from the contract or the first business"."""
    key = TOPICS[rule.topic][rule.key]
    if rule.value is None:
        return _by_home_state(rule) if "by_domicile" in rule.terms else "Unknown"
    match key.kind:
        case Kind.DAYS:
            return _days(rule)
        case Kind.CENTS:
            return " ".join(filter(None, (brief_words(rule), BASES.get(str(rule.terms.get("basis"))))))
        case _:
            return brief_words(rule)


def brief_words(rule: Rule) -> str:
    """The value alone: "15 days"."""
    if rule.value is None:
        return "By home state" if "by_domicile" in rule.terms else "Unknown"
    return plain_words(rule.topic, rule.key, rule.value)


def plain_words(topic: str, key: str, value: Value) -> str:
    """A value of a key: "Yes", "15 days", "$32.00", "Death, Agent moved"."""
    match TOPICS[topic][key].kind, value:
        case Kind.CHOICE, str():
            return CHOICES[value]
        case Kind.DAYS, int():
            return counted(value, "day,days")
        case Kind.CENTS, int():
            return dollars(value)
        case Kind.LIST, tuple() | list():
            return ", ".join(termination_reasons().get(one, one) for one in value)
        case _:
            return _day_of_year(str(value)) if key in DAYS_OF_YEAR else str(value)


DAYS_OF_YEAR = frozenset({"invoice_from", "invoice_to", "last_termination"})
"""Keys whose text is a day of the year, MM-DD."""


def _day_of_year(text: str) -> str:
    try:
        # A leap year, so that the last day of February is one.
        day = date.fromisoformat(f"2024-{text}")
    except ValueError:
        return text
    return f"{day:%b} {day.day}"


def _days(rule: Rule) -> str:
    days = brief_words(rule)
    if rule.key == "backdate_days":
        if rule.value == 0:
            return "Not at all"
        return f"Less than {days}" if rule.terms.get("within") == LESS_THAN else f"Up to {days}"
    events = rule.terms.get("counts_from")
    if not isinstance(events, tuple):
        return f"{days} from the first business" if rule.standing is Standing.OVERRIDDEN else days
    which = rule.terms.get("whichever")
    return f"{days} from {events_words(events)}" + (f", whichever is {which}" if which else "")


def events_words(events: Iterable[str]) -> str:
    """What a deadline counts from: "the contract or the first business"."""
    return " or ".join(EVENTS[event] for event in events)


def _by_home_state(rule: Rule) -> str:
    whose = "the producer’s" if rule.terms.get("depends_on") == HOME_STATE else "the company’s"
    return f"It depends on {whose} home state"


def case_words(strand: Strand) -> str:
    """For whom a value is: "Nonresidents, surplus lines"; empty where it is for everybody."""
    words = ", ".join(filter(None, (_case(name, term) for name, term in strand)))
    return words[:1].upper() + words[1:]


def _case(name: str, term: Term) -> str:
    if name == "categories" and isinstance(term, tuple):
        return ", ".join(LOA_CATEGORIES[one] for one in term)
    return CASES.get(str(term), str(term))


def told_words(rules: Iterable[Rule]) -> str:
    """What several rules of a key say together: "Life, Health: Yes; Property, Casualty: No"."""
    told = []
    for rule in rules:
        case, value = case_words(rule.strand), value_words(rule)
        told.append(f"{case}: {value}" if case else value)
    return "; ".join(told)
