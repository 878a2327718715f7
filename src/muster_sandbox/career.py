"""From what is drawn about a producer to the whole record: licenses, lines, appointments, addresses.

A draw never depends on the day, so a producer stays the same person from day to day.
"""

from __future__ import annotations

import calendar
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from functools import cache, lru_cache
from random import Random

from muster_sandbox.companies import COMPANIES
from muster_sandbox.identifiers import license_number, ssn_of
from muster_sandbox.lines import LicenseClass, Line, license_classes
from muster_sandbox.places import (
    CITIES,
    PERPETUAL_ABROAD,
    PERPETUAL_STATES,
    REGISTRY_STATES,
    STREETS,
    UNITS,
)
from muster_sandbox.records import (
    Address,
    Alias,
    Appointment,
    Contact,
    License,
    LineHeld,
    Producer,
    RegulatoryAction,
)

# Everything that ever happened to anybody happened between these days; "today" must be later.
FIRST_DAY = date(1990, 1, 2)
LAST_DAY = date(2025, 6, 30)

TERMINATION_REASONS = (
    "Not supplied",
    "Voluntary termination",
    "Inadequate production",
    "Agent moved",
    "Cancelled",
)
ACTION_REASONS = (
    ("Failure to report other state action", "Fined", "500"),
    ("Failure to complete continuing education", "Probation", "0"),
    ("Misstatement on application", "Reprimanded", "0"),
    ("Late response to the department", "Fined", "250"),
)


class Standing(Enum):
    """Whether a license is good; expired, and marked so or not yet; ended early, or not yet expired."""

    GOOD = "good"
    EXPIRED = "expired"
    LAPSED = "expired, still marked active"
    SURRENDERED = "ended early"
    SUSPENDED = "inactive, not expired"


_LINE_STATUS_REASON = {
    Standing.GOOD: "Active",
    Standing.LAPSED: "Active",
    Standing.EXPIRED: "Failure to renew",
    Standing.SURRENDERED: "Surrendered",
    Standing.SUSPENDED: "Suspended",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Career:
    """What is decided before the record is written out; the standing in states not named is drawn."""

    birth_date: date
    resident_state: str
    other_states: tuple[str, ...]
    categories: frozenset[str]
    first_name: str = ""
    last_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    company_name: str = ""
    alias: bool = False
    regulatory_action: bool = False
    licensed: bool = True
    resident_licensed: bool = True
    standings: dict[str, Standing] = field(default_factory=dict)
    extra_classes: dict[str, int] = field(default_factory=dict)


def compose(npn: int, career: Career, rng: Random, *, seed: int, today: date) -> Producer:
    """Write out the whole record of a producer as of a day."""
    began = _day_between(rng, max(_plus_years(career.birth_date, 20), FIRST_DAY), LAST_DAY)
    licenses: list[License] = []
    if career.licensed:
        if career.resident_licensed:
            licenses += _licenses(npn, career.resident_state, True, career, began, rng, today)
        for state in career.other_states:
            since = _day_between(rng, began, LAST_DAY)
            licenses += _licenses(npn, state, False, career, since, rng, today)
    appointments = _appointments(licenses, career, rng, today)
    addresses, contacts = _whereabouts(npn, career, rng, began)
    person = not career.company_name
    return Producer(
        npn=str(npn),
        firm=not person,
        company_name=career.company_name,
        last_name=career.last_name,
        first_name=career.first_name,
        middle_name=career.middle_name,
        suffix=career.suffix,
        birth_date=career.birth_date if person else None,
        ssn=ssn_of(npn, seed=seed) if person else "",
        resident_state=career.resident_state,
        aliases=_aliases(career),
        addresses=addresses,
        contacts=contacts,
        licenses=tuple(licenses),
        appointments=appointments,
        actions=_actions(npn, career, rng, began),
    )


def _licenses(
    npn: int, state: str, resident: bool, career: Career, since: date, rng: Random, today: date
) -> list[License]:
    """Make the general license of a state and, seldom, licenses of further classes."""
    draw = rng.random
    chance = draw()
    general, *others = classes_of(state)
    standing = career.standings.get(state)
    if standing is None:
        expired, ended = (0.03, 0.02) if resident else (0.07, 0.03)
        standing = (
            Standing.EXPIRED
            if chance < expired
            else Standing.SURRENDERED
            if chance < expired + ended
            else Standing.GOOD
        )
    lines = _lines_drawn(offered_lines(general, career.categories), rng)
    made = [_license(npn, general, "", resident, standing, lines, career, since, rng, today)]
    chance = draw()
    if career.extra_classes or career.standings:
        further = others[: career.extra_classes.get(state, 0)]
    else:
        further = [others[int(chance / 0.04 * len(others))]] if others and chance < 0.04 else []
    for other in further:
        prefix = other.agent_type[0].upper()
        made.append(
            _license(npn, other, prefix, resident, standing, other.lines[:3], career, since, rng, today)
        )
    return made


def _license(
    npn: int,
    of_class: LicenseClass,
    prefix: str,
    resident: bool,
    standing: Standing,
    lines: tuple[Line, ...],
    career: Career,
    since: date,
    rng: Random,
    today: date,
) -> License:
    ended = _day_between(rng, since, LAST_DAY)
    perpetual = of_class.state in (PERPETUAL_STATES if resident else PERPETUAL_STATES | PERPETUAL_ABROAD)
    expires, updated = _term(standing, career.birth_date, since, ended, today)
    if perpetual and standing in (Standing.GOOD, Standing.SURRENDERED):
        expires = None
    active = standing in (Standing.GOOD, Standing.LAPSED)
    adjusts = of_class.agent_type == "adjuster"
    return License(
        state=of_class.state,
        number=license_number(npn, of_class.state, prefix=prefix),
        class_code=of_class.code,
        class_name=of_class.name,
        resident=resident,
        active=active,
        issued=since,
        expires=expires,
        updated=updated,
        designated_home_state=career.resident_state if adjusts and not resident else "",
        lines=tuple(
            _held(line, resident, standing, since, updated, expires, not career.standings, rng)
            for line in lines
        ),
    )


def _term(standing: Standing, birth: date, since: date, ended: date, today: date) -> tuple[date | None, date]:
    """Return when a license expires and when the state last touched it."""
    if standing is Standing.EXPIRED:
        expires = max(_two_years_before(_renewal(birth, after=ended)), since + timedelta(days=90))
        return expires, min(expires + timedelta(days=1), today)
    if standing is Standing.SURRENDERED:
        return _renewal(birth, after=ended), ended
    expires = _renewal(birth, after=max(today, since))
    if standing is Standing.LAPSED:
        expires = _two_years_before(expires)
    return expires, ended if standing is Standing.SUSPENDED else max(since, _two_years_before(expires))


def _held(
    line: Line,
    resident: bool,
    standing: Standing,
    since: date,
    updated: date,
    expires: date | None,
    eventful: bool,
    rng: Random,
) -> LineHeld:
    """Make a line on a license; in an eventful career one of four came later, one of fifty was given up."""
    chance, later = rng.random(), _day_between(rng, since, LAST_DAY)
    good = standing in (Standing.GOOD, Standing.LAPSED)
    given_up = eventful and good and chance < 0.02
    issued = later if eventful and not given_up and chance > 0.75 else since
    return LineHeld(
        code=line.code,
        name=line.name,
        issued=issued,
        active=good and not given_up,
        status_reason="Voluntarily surrendered" if given_up else _LINE_STATUS_REASON[standing],
        status_date=later if given_up else issued if good else updated,
        ce_compliance="N/A" if not resident else "In compliance" if good else "N/S",
        ce_due=expires if resident and good else None,
    )


def _lines_drawn(offered: tuple[tuple[Line, float], ...], rng: Random) -> tuple[Line, ...]:
    drawn = tuple(line for line, likely in offered if rng.random() < likely)
    return drawn or tuple(line for line, _ in offered[:1])


@lru_cache(maxsize=4096)
def offered_lines(of_class: LicenseClass, categories: frozenset[str]) -> tuple[tuple[Line, float], ...]:
    """Return the lines of a class in the categories, each with how likely it is to be held."""
    seen: set[frozenset[str]] = set()
    offered: list[tuple[Line, float]] = []
    for line in sorted(of_class.lines, key=lambda one: (len(one.name), one.name)):
        if line.categories & categories and not line.categories - categories - {"fraternal"}:
            first = line.categories not in seen and "fraternal" not in line.categories
            seen.add(line.categories)
            likely = 1.0 if first else 0.1 if "fraternal" in line.categories else 0.6
            offered.append((line, likely))
    return tuple(offered) or ((of_class.lines[0], 1.0),)


@cache
def classes_of(state: str) -> tuple[LicenseClass, ...]:
    """Return the license classes held in a state: the general one, then surplus lines and adjuster."""
    general, *others = license_classes()[state]
    surplus = [one for one in others if one.agent_type == "surplus_lines"][:1]
    adjuster = [one for one in others if one.agent_type == "adjuster"][:1]
    return (general, *surplus, *adjuster)


def _appointments(
    licenses: list[License], career: Career, rng: Random, today: date
) -> tuple[Appointment, ...]:
    draw = rng.random
    willing = [one for one in COMPANIES if one.categories & career.categories]
    chosen = {willing[int(draw() * len(willing))].cocode: None for _ in range(1 + int(draw() * 3))}
    companies = [one for one in willing if one.cocode in chosen]
    agency = "Lantern Point Agency LLC" if draw() < 0.03 else ""
    made: list[Appointment] = []
    for held in licenses:
        general = classes_of(held.state)[0]
        if held.state in REGISTRY_STATES or held.class_code != general.code:
            continue
        categories = categories_by_code(general)
        for company in companies:
            if draw() < 0.45:
                continue
            since = _day_between(rng, held.issued, LAST_DAY)
            ended = _day_between(rng, since, LAST_DAY)
            in_force = draw() >= 0.12 and held.active
            why = TERMINATION_REASONS[int(draw() * len(TERMINATION_REASONS))]
            for line in held.lines:
                if not categories[line.code] & company.categories:
                    continue
                made.append(
                    Appointment(
                        held.state,
                        company,
                        line.code,
                        line.name,
                        in_force,
                        "" if in_force else why,
                        since if in_force else ended,
                        next_anniversary(since, today) if in_force else None,
                        "01" if held.state == "FL" else "",
                        agency,
                    )
                )
    return tuple(made)


@lru_cache(maxsize=256)
def categories_by_code(of_class: LicenseClass) -> dict[str, frozenset[str]]:
    """Return the categories of each line of a class, by the line's code."""
    return {line.code: line.categories for line in of_class.lines}


def _whereabouts(
    npn: int, career: Career, rng: Random, began: date
) -> tuple[tuple[Address, ...], tuple[Contact, ...]]:
    draw = rng.random
    home = career.resident_state
    cities = CITIES[home]
    city, zip_code, area = cities[int(draw() * len(cities))]

    def street() -> tuple[str, str]:
        return f"{100 + int(draw() * 9800)} {STREETS[int(draw() * len(STREETS))]}", UNITS[
            int(draw() * len(UNITS))
        ]

    updated = _day_between(rng, began, LAST_DAY)
    office, suite = street()
    addresses = [Address(home, "2", "Business", office, suite, city, home, zip_code, updated)]
    if not career.company_name:
        house, unit = street()
        addresses.append(Address(home, "1", "Residence", house, unit, city, home, zip_code, updated))
    addresses.append(Address(home, "3", "Mailing", office, suite, city, home, zip_code, updated))
    addresses += [
        Address(state, "2", "Business", office, suite, city, home, zip_code, updated)
        for state in career.other_states
    ]
    # 555-0100 to 555-0199 are kept for made-up numbers, and example.com for made-up mail (RFC 2606).
    phone = f"{area}55501{int(draw() * 100):02d}"
    email = _mailbox(career, npn)
    fax = f"{area}55501{int(draw() * 100):02d}" if draw() < 0.3 else ""
    contacts = tuple(
        Contact(state, phone, email, fax if state == home else "", updated)
        for state in (home, *career.other_states)
    )
    return tuple(addresses), contacts


def _mailbox(career: Career, npn: int) -> str:
    name = career.company_name or f"{career.first_name}.{career.last_name}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    letters = "".join(sign for sign in plain.replace(" ", ".") if sign.isalnum() or sign == ".").strip(".")
    return f"{letters}.{npn % 1_000_000}@example.com"


def _aliases(career: Career) -> tuple[Alias, ...]:
    if not career.alias:
        return ()
    return (Alias(career.resident_state, "Alias", f"{career.first_name[0]}. {career.last_name}"),)


def _actions(npn: int, career: Career, rng: Random, began: date) -> tuple[RegulatoryAction, ...]:
    if not career.regulatory_action:
        return ()
    reason, disposition, penalty = ACTION_REASONS[int(rng.random() * len(ACTION_REASONS))]
    taken = _day_between(rng, began, LAST_DAY)
    return (
        RegulatoryAction(
            career.resident_state,
            f"{npn % 100_000:05d}{taken.year}",
            "Insurance department",
            reason,
            disposition,
            taken,
            taken + timedelta(days=10),
            taken + timedelta(days=21),
            f"{career.resident_state}-{taken.year}-{npn % 10_000:04d}",
            penalty,
            "12 months" if disposition == "Probation" else "",
        ),
    )


def _day_between(rng: Random, first: date, last: date) -> date:
    days = last.toordinal() - first.toordinal()
    return first if days <= 0 else date.fromordinal(first.toordinal() + int(rng.random() * days))


@lru_cache(maxsize=65536)
def _renewal(birth: date, *, after: date) -> date:
    """Return the first end of a birth month on or after a day, in years of the birth year's parity."""
    year = after.year + (after.year - birth.year) % 2
    renewal = date(year, birth.month, calendar.monthrange(year, birth.month)[1])
    if renewal < after:
        year += 2
        renewal = date(year, birth.month, calendar.monthrange(year, birth.month)[1])
    return renewal


def _two_years_before(day: date) -> date:
    return date(day.year - 2, day.month, min(day.day, 28))


def next_anniversary(since: date, today: date) -> date:
    """Return the next anniversary of a day, 28th at the latest, that is after today."""
    day = min(since.day, 28)
    this_year = date(today.year, since.month, day)
    return this_year if this_year > today else date(today.year + 1, since.month, day)


def _plus_years(day: date, years: int) -> date:
    return date(day.year + years, day.month, min(day.day, 28))
