"""What the registry says about one producer, as plain values.

Records are named tuples, so that a row of them can be copied to the database as it is. Dates are dates or
None, text is text and never None. A report holds each record once and in the order of the keys: two answers
that say the same are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from muster.core.values import clean_ssn

Key = tuple[str, ...]


class Record(Protocol):
    """One thing of a report: what it is about, and when the state told it."""

    @property
    def key(self) -> Key: ...

    @property
    def told_on(self) -> date | None: ...


R = TypeVar("R", bound=Record)


class OtherName(NamedTuple):
    """Another name under which a state knows the producer; `kind` in the state's words, as "Alias"."""

    state: str
    kind: str
    name: str

    @property
    def key(self) -> Key:
        return self

    @property
    def told_on(self) -> date | None:
        return None


class Address(NamedTuple):
    """An address as `state` reports it; it may lie in another one (`address_state`)."""

    state: str
    type_code: str = ""
    type_name: str = ""
    line_1: str = ""
    line_2: str = ""
    line_3: str = ""
    city: str = ""
    address_state: str = ""
    zip: str = ""
    country: str = ""
    updated_on: date | None = None

    @property
    def key(self) -> Key:
        return (self.state, self.type_code, self.type_name)

    @property
    def told_on(self) -> date | None:
        return self.updated_on


class Contact(NamedTuple):
    """A phone number, fax number or email address as a state reports it; `kind` is phone, fax or email."""

    state: str
    kind: str
    value: str
    updated_on: date | None = None

    @property
    def key(self) -> Key:
        return (self.state, self.kind)

    @property
    def told_on(self) -> date | None:
        return self.updated_on


class Line(NamedTuple):
    """A line of authority of one license."""

    code: str
    name: str
    status: str = ""
    status_reason: str = ""
    status_reason_on: date | None = None
    issued_on: date | None = None
    ce_compliance: str = ""
    ce_renewal_on: date | None = None
    ce_credits_needed: str = ""

    @property
    def key(self) -> Key:
        return (self.code, self.name)

    @property
    def told_on(self) -> date | None:
        return self.status_reason_on or self.issued_on


class License(NamedTuple):
    """A license with its lines. `residency` is R, NR or empty."""

    state: str
    number: str
    class_code: str = ""
    class_name: str = ""
    residency: str = ""
    is_active: bool = False
    issued_on: date | None = None
    expires_on: date | None = None
    adjuster_home_state: str = ""
    updated_on: date | None = None
    lines: tuple[Line, ...] = ()

    @property
    def key(self) -> Key:
        return (self.state, self.number, self.class_code)

    @property
    def told_on(self) -> date | None:
        return self.updated_on


class Appointment(NamedTuple):
    """What a state says about the producer, a company and a line. `status_on` is the date of `status`.

    `first_effective_on` is when it first took effect, if the report tells; `merged_appointments` sets it.
    """

    state: str
    cocode: str
    company_name: str = ""
    fein: str = ""
    line_name: str = ""
    line_code: str = ""
    county_code: str = ""
    status: str = ""
    termination_reason: str = ""
    status_on: date | None = None
    renews_on: date | None = None
    agency_affiliation: str = ""
    state_company_id: str = ""
    first_effective_on: date | None = None

    @property
    def key(self) -> Key:
        return (self.state, self.cocode, self.line_code, self.line_name, self.county_code)

    @property
    def told_on(self) -> date | None:
        return self.status_on


APPOINTED = "Appointed"


class RegulatoryAction(NamedTuple):
    """A regulatory action of a state against the producer."""

    state: str
    action_id: str
    origin: str = ""
    reason: str = ""
    disposition: str = ""
    penalty: str = ""
    order_length: str = ""
    file_reference: str = ""
    action_on: date | None = None
    effective_on: date | None = None
    entered_on: date | None = None

    @property
    def key(self) -> Key:
        return (self.state, self.action_id)

    @property
    def told_on(self) -> date | None:
        return self.entered_on


Kind = Literal["individual", "firm"]


class Hit(NamedTuple):
    """One person of a hit list. `state` is the resident state."""

    name: str
    npn: str
    state: str = ""
    born_on: date | None = None


class ProducerReport(NamedTuple):
    """All that the registry says about one producer; a firm's name stands in `last_name`.

    `ssn` is nine digits or empty. `notes` are sentences for a person on what could not be taken over.
    """

    npn: str
    kind: Kind = "individual"
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    name_suffix: str = ""
    born_on: date | None = None
    ssn: str = ""
    other_names: tuple[OtherName, ...] = ()
    addresses: tuple[Address, ...] = ()
    contacts: tuple[Contact, ...] = ()
    licenses: tuple[License, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    regulatory_actions: tuple[RegulatoryAction, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        # A report ends up in tracebacks and logs; what it says about a person must not.
        return f"<ProducerReport of {len(self.licenses)} licenses>"


def distinct(records: Iterable[R]) -> tuple[R, ...]:
    """Keep each key once, in the order of the keys: the record told last, whatever order they come in."""
    kept: dict[Key, R] = {}
    for record in records:
        other = kept.setdefault(record.key, record)
        if other is not record and _rank(record) > _rank(other):
            kept[record.key] = record
    return tuple([kept[key] for key in sorted(kept)])


def _rank(record: Record) -> tuple[date, str]:
    return (record.told_on or date.min, repr(record))


def merged_licenses(licenses: Iterable[License]) -> tuple[License, ...]:
    """Keep each license once, as `distinct` does, with the lines of all its repetitions."""
    all_of = list(licenses)
    lines: dict[Key, list[Line]] = {}
    for license in all_of:
        lines.setdefault(license.key, []).extend(license.lines)
    if len(lines) == len(all_of):
        return tuple(sorted(all_of, key=_key))
    return tuple(one._replace(lines=distinct(lines[one.key])) for one in distinct(all_of))


def merged_appointments(appointments: Iterable[Appointment]) -> tuple[Appointment, ...]:
    """Keep each appointment once, as `distinct` does, with the first effective date of all its repetitions.

    A terminated one tells only when it ended, and a renewed one may tell only when it was renewed.
    """
    all_of = list(appointments)
    first: dict[Key, date] = {}
    for one in all_of:
        if one.status == APPOINTED and one.status_on:
            first[one.key] = min(one.status_on, first.get(one.key, date.max))
    return tuple([one._replace(first_effective_on=first.get(one.key)) for one in distinct(all_of)])


def _key(record: Record) -> Any:
    return record.key


def usable_ssn(text: str) -> str:
    """The nine digits of an SSN, or nothing where the text is none."""
    return clean_ssn(text)[0] or ""
