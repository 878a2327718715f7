"""What the registry decides on a filing, and what then becomes of the producer. No clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from muster_sandbox.career import next_anniversary
from muster_sandbox.companies import COMPANIES, Company
from muster_sandbox.gateway import licenses
from muster_sandbox.gateway.contract import Filing, Kind, Status
from muster_sandbox.happenings import Happening, Record
from muster_sandbox.records import Appointment, License, LineHeld, Producer

NO_REASON = "Not supplied"
_KNOWN = {company.cocode: company for company in COMPANIES}


@dataclass(frozen=True, slots=True)
class Decision:
    """A status; a rejection, and one that asks for something, have a code and words."""

    status: Status
    code: str = ""
    words: str = ""


ACCEPTED = Decision(Status.ACCEPTED)
BY_FAULT = {
    "reject": Decision(
        Status.REJECTED,
        "900",
        "The Department declines this filing. Contact the producer licensing division for the reason.",
    ),
    "action_required": Decision(
        Status.ACTION_REQUIRED,
        "500",
        "The Department needs a signed statement of the producer's background before it decides.",
    ),
}


def decided(filing: Filing, producer: Producer | None, day: date) -> Decision:
    """Return what the rules say on a day; `producer` is whom the NPN belongs to, None if it is nobody's."""
    if producer is None:
        return _rejected("101", f"No producer is on record with National Producer Number {filing.npn}.")
    if filing.kind in (Kind.LICENSE, Kind.RENEWAL):
        refusal = licenses.refused(filing, producer, day)
        return ACCEPTED if refusal is None else _rejected(*refusal)
    about = f"{filing.line_name} in {filing.state}"
    if filing.county:
        about += f", county {filing.county}"
    in_force = any(_is_meant(filing, one) for one in producer.appointments)
    if filing.kind is Kind.APPOINTMENT:
        if not any(_is_good(line, held, day) for line, held in _lines(filing, producer.licenses)):
            return _rejected(
                "210",
                f"The producer does not hold an active {filing.state} license with the line of authority "
                f"{filing.line_name} on {day:%m/%d/%Y}.",
            )
        if in_force:
            return _rejected(
                "220",
                f"Duplicate: the producer is already appointed by company {filing.cocode} for {about}.",
            )
    if filing.kind is Kind.TERMINATION and not in_force:
        return _rejected(
            "230", f"No active appointment by company {filing.cocode} for {about} is on file to terminate."
        )
    return ACCEPTED


def happening(filing: Filing, effective_on: date) -> Happening:
    """Return what happens to the producer once a filing is accepted."""
    match filing.kind:
        case Kind.APPOINTMENT:
            return partial(_appoint, filing, effective_on)
        case Kind.TERMINATION:
            return partial(_terminate, filing, effective_on)
        case Kind.LICENSE:
            return partial(licenses.grant, filing, effective_on)
        case Kind.RENEWAL:
            return partial(licenses.renew, filing)


def _appoint(filing: Filing, effective_on: date, record: Record, _: date) -> None:
    code = filing.line_code or next((line.code for line, _ in _lines(filing, record.licenses)), "")
    record.appointments.append(
        Appointment(
            state=filing.state,
            company=_company(filing),
            line_code=code,
            line_name=filing.line_name,
            appointed=True,
            termination_reason="",
            status_date=effective_on,
            renewal=next_anniversary(effective_on, max(effective_on, record.today)),
            county=filing.county,
            agency="",
        )
    )


def _terminate(filing: Filing, effective_on: date, record: Record, _: date) -> None:
    record.appointments = [
        replace(
            one,
            appointed=False,
            termination_reason=filing.reason or NO_REASON,
            status_date=effective_on,
            renewal=None,
        )
        if _is_meant(filing, one)
        else one
        for one in record.appointments
    ]


def _is_meant(filing: Filing, one: Appointment) -> bool:
    """Say whether an appointment is in force for what is filed; one that names no county means any."""
    return (
        one.appointed
        and one.state == filing.state
        and one.company.cocode == filing.cocode
        and filing.is_about(one.line_code, one.line_name)
        and filing.county in ("", one.county)
    )


def _lines(
    filing: Filing, licenses: tuple[License, ...] | list[License]
) -> Iterator[tuple[LineHeld, License]]:
    return (
        (line, held)
        for held in licenses
        if held.state == filing.state
        for line in held.lines
        if filing.is_about(line.code, line.name)
    )


def _is_good(line: LineHeld, held: License, day: date) -> bool:
    return line.active and held.active and (held.expires is None or held.expires >= day)


def _company(filing: Filing) -> Company:
    known = _KNOWN.get(filing.cocode)
    return Company(
        cocode=filing.cocode,
        name=filing.company_name or (known.name if known else ""),
        fein=filing.fein or (known.fein if known else ""),
        categories=known.categories if known else frozenset(),
    )


def _rejected(code: str, words: str) -> Decision:
    return Decision(Status.REJECTED, code, words)
