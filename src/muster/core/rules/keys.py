"""What may be told of a state: the topics, their keys, and which values a key takes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

Value = str | int | tuple[str, ...] | None

LONGEST = 3_660
"""The most days that a rule may tell: ten years. More is a slip of the pen."""

APPOINTING, FEES, TERMINATIONS, RENEWAL = "appointing", "fees", "terminations", "renewal"
LICENSING = "licensing"


class Kind(StrEnum):
    """What a value is."""

    CHOICE = "choice"
    DAYS = "days"
    CENTS = "cents"
    LIST = "list"
    TEXT = "text"


class Key(NamedTuple):
    """One thing that may be told of a state. `choices` are empty where any text will do."""

    name: str
    meaning: str
    kind: Kind = Kind.CHOICE
    choices: tuple[str, ...] = ("yes", "no", "some")


def _keys(*keys: Key) -> Mapping[str, Key]:
    return MappingProxyType({key.name: key for key in keys})


TOPICS: Mapping[str, Mapping[str, Key]] = MappingProxyType(
    {
        APPOINTING: _keys(
            Key(
                "filing",
                "Whether appointments are filed with the state, or companies keep a register of their own.",
                choices=("appointment", "registry"),
            ),
            Key("agencies_appointed", "Whether agencies are appointed too."),
            Key(
                "agency_covers_producers",
                "Whether the appointment of an agency covers its producers.",
                choices=("yes", "no"),
            ),
            Key("just_in_time", "Whether a producer may be appointed after the first business."),
            Key("deadline_days", "Within how many days an appointment is to be filed.", Kind.DAYS, ()),
            Key("effective_date_given", "Whether the state takes the effective date that it is given."),
            Key("effective_date_needed", "Whether a filing must name an effective date."),
            Key("backdate_days", "How many days an effective date may lie back.", Kind.DAYS, ()),
            Key("future_date", "Whether an effective date may lie in the future."),
            Key("county_needed", "Whether a filing names a county."),
            Key("appointment_types", "The types of appointment, of which a filing names one.", Kind.LIST, ()),
            Key("via_registry", "Whether appointments are filed through the national registry."),
            Key("license_needs_appointment", "Whether a license needs an appointment, or an affiliation."),
        ),
        FEES: _keys(
            Key("appointment_new", "For an appointment.", Kind.CENTS, ()),
            Key("appointment_renewal", "For the renewal of an appointment.", Kind.CENTS, ()),
            Key("appointment_renewal_late", "For a late renewal of an appointment.", Kind.CENTS, ()),
            Key("appointment_termination", "For ending an appointment.", Kind.CENTS, ()),
            Key("license_new", "For a license.", Kind.CENTS, ()),
            Key("license_renewal", "For the renewal of a license.", Kind.CENTS, ()),
            Key("license_renewal_late", "For a late renewal of a license.", Kind.CENTS, ()),
        ),
        TERMINATIONS: _keys(
            Key("reasons", "The reasons that are accepted.", Kind.LIST, ()),
            Key("reason_needed", "Whether a filing must name a reason."),
            Key("date_given", "Whether the state takes the date that it is given."),
            Key("date_needed", "Whether a filing must name a date."),
            Key("backdate_days", "How many days the date may lie back.", Kind.DAYS, ()),
            Key("future_date", "Whether the date may lie in the future."),
            Key("all_lines_end", "Whether ending one line ends all between the producer and the company."),
            Key("for_cause", "How an end for cause is filed.", choices=("online", "documents", "offline")),
            Key(
                "notice",
                "How the producer is told of an end that is not for cause.",
                choices=("mail", "email"),
            ),
            Key("via_registry", "Whether ends are filed through the national registry."),
            Key("ends_with_license", "Whether the state ends appointments when the license expires."),
        ),
        RENEWAL: _keys(
            Key("needed", "Whether appointments are renewed."),
            Key("cycle", "How often.", Kind.TEXT, ()),
            Key("via", "Where.", Kind.TEXT, ()),
            Key("invoice_from", "The first day of the invoice, MM-DD.", Kind.TEXT, ()),
            Key("invoice_to", "The last day to pay, MM-DD.", Kind.TEXT, ()),
            Key(
                "last_termination",
                "The last day on which an end keeps it off the invoice, MM-DD.",
                Kind.TEXT,
                (),
            ),
            Key("if_unpaid", "What happens to appointments that are not paid for.", Kind.TEXT, ()),
            Key("new_appointments", "What holds for appointments made meanwhile.", Kind.TEXT, ()),
            Key("blackout", "When the state does not process.", Kind.TEXT, ()),
        ),
        LICENSING: _keys(
            Key("term", "How long a license holds, and on which day it ends.", Kind.TEXT, ()),
            Key(
                "renewal_window_days",
                "How many days before it expires a license may be renewed.",
                Kind.DAYS,
                (),
            ),
        ),
    }
)
"""The keys of each topic, by name. A file of a state holds one topic."""


def fault_of(topic: str, key: str, value: object) -> str:
    """What is wrong with a value for this key, in a sentence; empty if nothing is."""
    known = TOPICS.get(topic)
    if known is None:
        return f"“{topic}” is not a topic. Topics are: {', '.join(TOPICS)}."
    if key not in known:
        return f"“{key}” is not a key of {topic}. Its keys are: {', '.join(known)}."
    return _fault(known[key], value)


def _fault(key: Key, value: object) -> str:
    match key.kind:
        case Kind.CHOICE:
            good, wanted = value in key.choices, f"one of: {', '.join(key.choices)}"
        case Kind.DAYS:
            good, wanted = type(value) is int and 0 <= value <= LONGEST, f"a number from 0 to {LONGEST}"
        case Kind.CENTS:
            good, wanted = type(value) is int and value >= 0, "an amount in cents, 0 or more"
        case Kind.LIST:
            good = isinstance(value, tuple) and bool(value) and all(isinstance(one, str) for one in value)
            wanted = "a list of words"
        case Kind.TEXT:
            good, wanted = isinstance(value, str) and bool(value), "a text"
    return "" if good else f"“{value}” cannot be the value of {key.name}. It is {wanted}."
