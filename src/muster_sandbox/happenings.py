"""What may happen to a producer: licenses and lines end and come, people move, companies appoint.

Each happening changes a record as of its day. Whatever cannot happen to this producer is a new telephone
number instead, so that every event changes something.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from muster_sandbox.career import (
    ACTION_REASONS,
    LAST_DAY,
    TERMINATION_REASONS,
    categories_by_code,
    classes_of,
    next_anniversary,
    offered_lines,
)
from muster_sandbox.companies import COMPANIES, Company
from muster_sandbox.identifiers import license_number
from muster_sandbox.places import (
    CITIES,
    ENDED_WITH_THE_LICENSE,
    PERPETUAL_ABROAD,
    PERPETUAL_STATES,
    REGISTRY_STATES,
    STATES,
    STREETS,
    UNITS,
)
from muster_sandbox.records import Address, Appointment, License, LineHeld, Producer, RegulatoryAction
from muster_sandbox.terms import end_of_term, term_from

FAILURE_TO_RENEW = "Failure to renew"
T = TypeVar("T")
Draws = Sequence[float]
Happening = Callable[["Record", date], None]


class Record:
    """A producer's record while it is lived through, in the order of days up to `today`.

    An active license shows the end of its term as of `today`, whatever the day that is lived.
    """

    def __init__(self, producer: Producer, today: date) -> None:
        self._producer = producer
        self.today = today
        self.npn = int(producer.npn)
        self.home = producer.resident_state
        self.licenses = list(producer.licenses)
        self.appointments = list(producer.appointments)
        self.addresses = producer.addresses
        self.contacts = producer.contacts
        self.actions = producer.actions
        # licenses that were not renewed, as they would be had they been
        self.lapsed: dict[int, License] = {}
        # until when licenses were renewed by a filing
        self.renewed: dict[int, date] = {}

    def producer(self) -> Producer:
        """Return what has become of the producer."""
        return replace(
            self._producer,
            licenses=tuple(self.licenses),
            appointments=tuple(self.appointments),
            addresses=self.addresses,
            contacts=self.contacts,
            actions=self.actions,
        )

    def active_licenses(self) -> list[int]:
        """Return the places of the licenses that are active."""
        return [place for place, one in enumerate(self.licenses) if one.active]

    def end_license(self, place: int, reason: str, day: date) -> None:
        """Make a license and its active lines inactive as of a day."""
        held = self.licenses[place]
        self.licenses[place] = replace(
            held,
            active=False,
            expires=held.expires
            and end_of_term(held.expires, first=before_first_renewal(held), day=day - timedelta(days=1)),
            updated=day,
            lines=tuple(_ended(line, held.resident, reason, day) for line in held.lines),
        )

    def end_appointments(self, state: str, reason: str, day: date) -> None:
        """End the appointments in a state that are in force, unless another license there is active."""
        if any(one.active and one.state == state for one in self.licenses):
            return
        self.appointments = [
            _terminated(one, reason, day) if one.appointed and one.state == state else one
            for one in self.appointments
        ]

    def categories(self) -> frozenset[str]:
        """Return the categories of the lines held."""
        found: set[str] = set()
        for held in self.licenses:
            known = categories_by_code(classes_of(held.state)[0])
            for line in held.lines:
                found |= known.get(line.code, frozenset())
        return frozenset(found)


def before_first_renewal(held: License) -> date:
    """Return a day after which every end of a term is one that this record has to live through."""
    return LAST_DAY if held.issued <= LAST_DAY else held.issued + timedelta(days=365)


def drawn(rng: Random) -> Happening:
    """Draw a happening; it takes the same number of draws whatever it is."""
    happens, draws = _picked(_ALL, rng.random()), [rng.random() for _ in range(4)]

    def happening(record: Record, day: date) -> None:
        if not happens(record, day, draws):
            _phone_changed(record, day, draws)

    return happening


def lapsed(place: int) -> Happening:
    """Return that a license was not renewed; the day is the one after its expiry."""

    def happening(record: Record, day: date) -> None:
        held = record.licenses[place]
        if not held.active or day <= record.renewed.get(place, date.min):
            return
        record.lapsed[place] = held
        record.end_license(place, FAILURE_TO_RENEW, day)
        if held.state in ENDED_WITH_THE_LICENSE:
            record.end_appointments(held.state, "Cancelled", day)

    return happening


def reinstated(place: int) -> Happening:
    """Return that a license that was not renewed is good again, with the lines that it had."""

    def happening(record: Record, day: date) -> None:
        before = record.lapsed.pop(place, None)
        if before is None:
            return
        record.licenses[place] = replace(
            before,
            updated=max(day, before.updated),
            lines=tuple(
                replace(line, status_reason="Active", status_date=day) if line.active else line
                for line in before.lines
            ),
        )

    return happening


def _revoked(record: Record, day: date, draws: Draws) -> bool:
    return _license_ended(record, day, draws, "Revoked", "Revoked")


def _surrendered(record: Record, day: date, draws: Draws) -> bool:
    return _license_ended(record, day, draws, "Surrendered", "Voluntary termination")


def _license_ended(record: Record, day: date, draws: Draws, reason: str, termination: str) -> bool:
    # Who would be left with no license at all would not be watched any more.
    active = record.active_licenses()
    if len(active) < 2:
        return False
    place = _picked(active, draws[0])
    record.end_license(place, reason, day)
    record.end_appointments(record.licenses[place].state, termination, day)
    return True


def _line_added(record: Record, day: date, draws: Draws) -> bool:
    active = record.active_licenses()
    if not active:
        return False
    place = _picked(active, draws[0])
    held = record.licenses[place]
    of_class = next((one for one in classes_of(held.state) if one.code == held.class_code), None)
    known = {(line.code, line.name) for line in held.lines}
    offered = [line for line in of_class.lines if (line.code, line.name) not in known] if of_class else []
    if not offered:
        return False
    line = _picked(offered, draws[1])
    _hold(record, place, (*held.lines, _new_line(line.code, line.name, held, day)), day)
    return True


def _line_lost(record: Record, day: date, draws: Draws) -> bool:
    several = [
        place
        for place in record.active_licenses()
        if sum(line.active for line in record.licenses[place].lines) > 1
    ]
    if not several:
        return False
    place = _picked(several, draws[0])
    held = record.licenses[place]
    lost = _picked([line for line in held.lines if line.active], draws[1])
    lines = tuple(
        _ended(line, held.resident, "Voluntarily surrendered", day) if line is lost else line
        for line in held.lines
    )
    _hold(record, place, lines, day)
    return True


def _new_license(record: Record, day: date, draws: Draws) -> bool:
    taken = {one.state for one in record.licenses} | {record.home}
    states = [state for state in STATES if state not in taken]
    if not states or not record.licenses:
        return False
    state = _picked(states, draws[0])
    of_class = classes_of(state)[0]
    perpetual = state in PERPETUAL_STATES | PERPETUAL_ABROAD
    expires = None if perpetual else term_from(day, record.today)
    terms = (expires.year - day.year) // 2 if expires else 1
    held = License(
        state=state,
        number=license_number(record.npn, state),
        class_code=of_class.code,
        class_name=of_class.name,
        resident=False,
        active=True,
        issued=day,
        expires=expires,
        updated=day if terms == 1 or expires is None else date(expires.year - 2, expires.month, 28),
        designated_home_state="",
        lines=(),
    )
    offered = [line for line, likely in offered_lines(of_class, record.categories()) if likely > draws[1]]
    offered = offered or [offered_lines(of_class, record.categories())[0][0]]
    lines = tuple(_new_line(line.code, line.name, held, day) for line in offered)
    record.licenses.append(replace(held, lines=lines))
    office = next((one for one in record.addresses if one.type_code == "2"), None)
    contact = next((one for one in record.contacts if one.state == record.home), None)
    if office and not any(one.state == state for one in record.addresses):
        record.addresses += (replace(office, state=state, updated=day),)
    if contact and not any(one.state == state for one in record.contacts):
        record.contacts += (replace(contact, state=state, fax="", updated=day),)
    return True


def _moved(record: Record, day: date, draws: Draws) -> bool:
    city, zip_code, _ = _picked(CITIES[record.home], draws[0])
    line_1 = f"{100 + int(draws[1] * 9800)} {_picked(STREETS, draws[2])}"
    line_2 = _picked(UNITS, draws[3])

    def there(one: Address) -> Address:
        if one.type_code == "1":
            return one
        return replace(one, line_1=line_1, line_2=line_2, city=city, zip_code=zip_code, updated=day)

    record.addresses = tuple(map(there, record.addresses))
    return True


def _phone_changed(record: Record, day: date, draws: Draws) -> bool:
    def called(phone: str) -> str:
        # One of the hundred numbers that are kept for made-up people, and surely another than before.
        return f"{phone[:-2]}{(int(phone[-2:]) + 1 + int(draws[3] * 98)) % 100:02d}"

    record.contacts = tuple(replace(one, phone=called(one.phone), updated=day) for one in record.contacts)
    return True


def _email_changed(record: Record, day: date, draws: Draws) -> bool:
    def written(email: str) -> str:
        name, _, domain = email.partition("@")
        return f"{name.partition('+')[0]}+{day:%y%m%d}{int(draws[0] * 100):02d}@{domain}"

    record.contacts = tuple(replace(one, email=written(one.email), updated=day) for one in record.contacts)
    return True


def _appointed(record: Record, day: date, draws: Draws) -> bool:
    there = {(one.state, one.company.cocode, one.line_code) for one in record.appointments}
    offers: list[tuple[str, Company, LineHeld]] = []
    for held in record.licenses:
        general = classes_of(held.state)[0]
        if not held.active or held.state in REGISTRY_STATES or held.class_code != general.code:
            continue
        categories = categories_by_code(general)
        offers += [
            (held.state, company, line)
            for company in COMPANIES
            for line in held.lines
            if line.active
            and categories[line.code] & company.categories
            and (held.state, company.cocode, line.code) not in there
        ]
    if not offers:
        return False
    state, company, line = _picked(offers, draws[0])
    record.appointments.append(
        Appointment(
            state,
            company,
            line.code,
            line.name,
            True,
            "",
            day,
            next_anniversary(day, record.today),
            "01" if state == "FL" else "",
            "",
        )
    )
    return True


def _appointment_ended(record: Record, day: date, draws: Draws) -> bool:
    in_force = [place for place, one in enumerate(record.appointments) if one.appointed]
    if not in_force:
        return False
    place = _picked(in_force, draws[0])
    reason = _picked(TERMINATION_REASONS, draws[1])
    record.appointments[place] = _terminated(record.appointments[place], reason, day)
    return True


def _acted_against(record: Record, day: date, draws: Draws) -> bool:
    states = sorted({one.state for one in record.licenses}) or [record.home]
    state = _picked(states, draws[0])
    reason, disposition, penalty = _picked(ACTION_REASONS, draws[1])
    record.actions += (
        RegulatoryAction(
            state,
            f"{record.npn % 100_000:05d}{day:%Y%m%d}{len(record.actions)}",
            "Insurance department",
            reason,
            disposition,
            day - timedelta(days=21),
            day - timedelta(days=11),
            day,
            f"{state}-{day.year}-{record.npn % 10_000:04d}",
            penalty,
            "12 months" if disposition == "Probation" else "",
        ),
    )
    return True


_WEIGHTS: tuple[tuple[Callable[[Record, date, Draws], bool], int], ...] = (
    (_revoked, 2),
    (_surrendered, 7),
    (_line_added, 15),
    (_line_lost, 8),
    (_new_license, 15),
    (_moved, 13),
    (_phone_changed, 7),
    (_email_changed, 5),
    (_appointed, 16),
    (_appointment_ended, 10),
    (_acted_against, 2),
)
_ALL = tuple(happens for happens, weight in _WEIGHTS for _ in range(weight))


def _picked(choices: Sequence[T], draw: float) -> T:
    return choices[int(draw * len(choices))]


def _hold(record: Record, place: int, lines: tuple[LineHeld, ...], day: date) -> None:
    held = record.licenses[place]
    record.licenses[place] = replace(held, lines=lines, updated=max(day, held.updated))


def _new_line(code: str, name: str, held: License, day: date) -> LineHeld:
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


def _ended(line: LineHeld, resident: bool, reason: str, day: date) -> LineHeld:
    if not line.active:
        return line
    return replace(
        line,
        active=False,
        status_reason=reason,
        status_date=day,
        ce_compliance="N/S" if resident else line.ce_compliance,
        ce_due=None,
    )


def _terminated(one: Appointment, reason: str, day: date) -> Appointment:
    return replace(one, appointed=False, termination_reason=reason, status_date=day, renewal=None)
