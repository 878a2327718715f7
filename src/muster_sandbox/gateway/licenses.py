"""What the registry decides on applications for licenses and on renewals, and what then becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from muster_sandbox.career import classes_of
from muster_sandbox.gateway.contract import Filing, Kind
from muster_sandbox.happenings import FAILURE_TO_RENEW, Record, before_first_renewal, reinstated
from muster_sandbox.identifiers import license_number
from muster_sandbox.lines import LicenseClass, license_classes
from muster_sandbox.places import PERPETUAL_ABROAD, PERPETUAL_STATES
from muster_sandbox.records import License, LineHeld, Producer
from muster_sandbox.terms import end_of_term, month_end, term_from

EARLIEST = timedelta(days=366)
"""So long before it expires a license may be renewed."""

LATEST = timedelta(days=366)
"""So long after it has expired for want of a renewal a license may be renewed."""


def refused(filing: Filing, producer: Producer, day: date) -> tuple[str, str] | None:
    """Return code and words of why an application or a renewal is refused; None if it is granted."""
    if filing.state not in license_classes():
        return "249", f"{filing.state} grants no licenses."
    judged = _not_granted if filing.kind is Kind.LICENSE else _not_renewed
    return judged(filing, producer, day)


def _not_granted(filing: Filing, producer: Producer, day: date) -> tuple[str, str] | None:
    at_home = filing.state == producer.resident_state
    if not at_home and not any(one.resident and _is_good(one, day) for one in producer.licenses):
        return "240", "The producer has no active license in the home state."
    if not filing.lines:
        return "241", "The application names no line of authority."
    held = _same_class(filing, producer.licenses)
    if held is not None and _is_good(held, day):
        lines = {line.name.casefold() for line in held.lines if line.active}
        if all(name.casefold() in lines for _, name in filing.lines):
            return "242", f"Duplicate: license {held.number} has these lines of authority already."
    return None


def _not_renewed(filing: Filing, producer: Producer, day: date) -> tuple[str, str] | None:
    held = _numbered(filing, producer.licenses)
    if held is None:
        return "250", f"No {filing.state} license {filing.license_number} of this producer is on file."
    if held.expires is None:
        return "251", "The license does not expire."
    if not held.active:
        lapsed = any(line.status_reason == FAILURE_TO_RENEW for line in held.lines)
        if not lapsed or held.expires + LATEST < day:
            return "252", "The license is not active and cannot be renewed."
    elif held.expires - EARLIEST > day:
        return "253", f"The license is renewed until {held.expires:%m/%d/%Y}; its next renewal has not begun."
    return None


def grant(filing: Filing, effective_on: date, record: Record, day: date) -> None:
    """Give the producer a license, or further lines on the one that there is."""
    of_class = _class(filing)
    held = _same_class(filing, record.licenses)
    if held is not None and held.active:
        place = record.licenses.index(held)
        named = {name.casefold() for _, name in filing.lines}
        kept = [line for line in held.lines if line.active or line.name.casefold() not in named]
        there = {line.name.casefold() for line in kept}
        new = [
            _line(code, name, held, effective_on)
            for code, name in filing.lines
            if name.casefold() not in there
        ]
        record.licenses[place] = replace(held, lines=(*kept, *new), updated=max(day, held.updated))
        return
    resident = filing.state == record.home
    perpetual = filing.state in (PERPETUAL_STATES if resident else PERPETUAL_STATES | PERPETUAL_ABROAD)
    general = classes_of(filing.state)[0].code == of_class.code
    number = license_number(
        record.npn, filing.state, prefix="" if general else of_class.agent_type[0].upper()
    )
    made = License(
        state=filing.state,
        number=number,
        class_code=of_class.code,
        class_name=of_class.name,
        resident=resident,
        active=True,
        issued=effective_on,
        expires=None if perpetual else term_from(effective_on, record.today),
        updated=max(effective_on, day),
        designated_home_state=record.home if of_class.agent_type == "adjuster" and not resident else "",
        lines=(),
    )
    made = replace(made, lines=tuple(_line(code, name, made, effective_on) for code, name in filing.lines))
    if held is not None:
        record.licenses[record.licenses.index(held)] = made
    else:
        record.licenses.append(made)


def renew(filing: Filing, record: Record, day: date) -> None:
    """Let a license hold for one more term, from the one on that the day lies in."""
    found = _numbered(filing, record.licenses)
    if found is None:
        return
    place = record.licenses.index(found)
    if not found.active:
        reinstated(place)(record, day)
    held = record.licenses[place]
    if not held.active or held.expires is None:
        return
    ends = end_of_term(held.expires, first=before_first_renewal(held), day=day)
    until = month_end(ends.year + 2, ends.month)
    record.renewed[place] = until
    record.licenses[place] = replace(
        held,
        expires=max(held.expires, until),
        updated=max(day, held.updated),
        lines=tuple(replace(line, ce_due=until) if line.ce_due else line for line in held.lines),
    )


def _is_good(held: License, day: date) -> bool:
    return held.active and (held.expires is None or held.expires >= day)


def _class(filing: Filing) -> LicenseClass:
    classes = license_classes()[filing.state]
    return next((one for one in classes if one.code == filing.class_code), classes[0])


def _same_class(filing: Filing, licenses: Iterable[License]) -> License | None:
    code = _class(filing).code
    return next((one for one in licenses if one.state == filing.state and one.class_code == code), None)


def _numbered(filing: Filing, licenses: Iterable[License]) -> License | None:
    return next(
        (one for one in licenses if one.state == filing.state and one.number == filing.license_number), None
    )


def _line(code: str, name: str, held: License, day: date) -> LineHeld:
    return LineHeld(
        code=code,
        name=name,
        issued=day,
        active=True,
        status_reason="Active",
        status_date=day,
        ce_compliance="In compliance" if held.resident else "N/A",
        ce_due=held.expires if held.resident else None,
    )
