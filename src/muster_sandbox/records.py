"""What the registry knows about a producer, as plain frozen values; dates are dates, codes are text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from muster_sandbox.companies import Company


@dataclass(frozen=True, slots=True)
class Address:
    """An address as one state reports it; type codes 1 residence, 2 business, 3 mailing."""

    state: str
    type_code: str
    type_name: str
    line_1: str
    line_2: str
    city: str
    in_state: str
    zip_code: str
    updated: date


@dataclass(frozen=True, slots=True)
class Contact:
    """Telephone (10 digits), email and fax as one state reports them; empty text where it has none."""

    state: str
    phone: str
    email: str
    fax: str
    updated: date


@dataclass(frozen=True, slots=True)
class LineHeld:
    """A line of authority on a license."""

    code: str
    name: str
    issued: date
    active: bool
    status_reason: str
    status_date: date
    ce_compliance: str
    ce_due: date | None


@dataclass(frozen=True, slots=True)
class License:
    """One license in one state; `expires` is None where licenses are perpetual."""

    state: str
    number: str
    class_code: str
    class_name: str
    resident: bool
    active: bool
    issued: date
    expires: date | None
    updated: date
    designated_home_state: str
    lines: tuple[LineHeld, ...]


@dataclass(frozen=True, slots=True)
class Appointment:
    """A company's registration of the producer for one line in one state."""

    state: str
    company: Company
    line_code: str
    line_name: str
    appointed: bool
    termination_reason: str
    status_date: date
    renewal: date | None
    county: str
    agency: str


@dataclass(frozen=True, slots=True)
class RegulatoryAction:
    """An action that a state took against the producer."""

    state: str
    action_id: str
    origin: str
    reason: str
    disposition: str
    taken: date
    effective: date
    entered: date
    file_ref: str
    penalty: str
    length: str


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name that a state knows the producer by."""

    state: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Producer:
    """A person or a firm: a firm has a `company_name`; the other names, birth date and SSN are a person's."""

    npn: str
    firm: bool
    company_name: str
    last_name: str
    first_name: str
    middle_name: str
    suffix: str
    birth_date: date | None
    ssn: str
    resident_state: str
    aliases: tuple[Alias, ...]
    addresses: tuple[Address, ...]
    contacts: tuple[Contact, ...]
    licenses: tuple[License, ...]
    appointments: tuple[Appointment, ...]
    actions: tuple[RegulatoryAction, ...]

    @property
    def name(self) -> str:
        """The full name in reading order."""
        parts = (self.company_name, self.first_name, self.middle_name, self.last_name, self.suffix)
        return " ".join(part for part in parts if part)

    @property
    def email(self) -> str:
        """The email address in the resident state, or empty text."""
        return next((one.email for one in self.contacts if one.state == self.resident_state), "")
