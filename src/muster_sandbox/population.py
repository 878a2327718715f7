"""The population: every producer is made when asked for, from the seed and the NPN alone.

The same seed, NPN and day give the same producer in any process and any version of Python. What happened to
a producer happened on fixed days; only renewals follow the calendar, so tomorrow's report is the same as
today's unless a license or an appointment came up for renewal in between.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

from muster_sandbox.career import Career, Standing, compose
from muster_sandbox.identifiers import (
    DEFAULT_POPULATION,
    FIRMS,
    FIRST_FIRM,
    FIRST_INDIVIDUAL,
    is_firm,
    is_individual,
    npn_number,
)
from muster_sandbox.lines import license_classes
from muster_sandbox.people import FAMILY_NAMES, FIRM_FIRST, FIRM_FORM, FIRM_SECOND, GIVEN_NAMES, SUFFIXES
from muster_sandbox.places import RESIDENT_SHARES, STATES
from muster_sandbox.records import Producer
from muster_sandbox.specials import BY_NPN, Special

DEFAULT_SEED = 1

_PROFILES = (
    *[frozenset({"life", "health"})] * 7,
    *[frozenset({"life", "health", "variable"})] * 3,
    *[frozenset({"property", "casualty"})] * 3,
    *[frozenset({"property", "casualty", "personal_lines"})] * 4,
    *[frozenset({"life", "health", "property", "casualty"})] * 2,
    frozenset({"personal_lines"}),
)


def producer(
    npn: str | int, *, seed: int = DEFAULT_SEED, today: date, population: int = DEFAULT_POPULATION
) -> Producer | None:
    """Return the producer with this NPN as the registry knows it on a day, or None if nobody has the NPN.

    `population` is how many individuals there are; the people behind special NPNs come on top.
    """
    number = npn_number(npn)
    if number is None:
        return None
    special = BY_NPN.get(str(number))
    if special is not None:
        return _special(number, special, seed=seed, today=today)
    if is_individual(number, population=population):
        rng = Random(seed * 1_000_000_007 + number)
        return compose(number, _person(rng), rng, seed=seed, today=today)
    if is_firm(number):
        rng = Random(seed * 1_000_000_007 + number)
        return compose(number, _firm(rng), rng, seed=seed, today=today)
    return None


def sample_npns(count: int, start: int = 0) -> list[str]:
    """Return `count` NPNs of individuals, beginning with the one at place `start` of the population."""
    return [str(FIRST_INDIVIDUAL + place) for place in range(start, start + count)]


def sample_firm_npns(count: int, start: int = 0) -> list[str]:
    """Return `count` NPNs of agencies, beginning with the one at place `start`; there are 100,000."""
    if start + count > FIRMS:
        raise ValueError(f"there are {FIRMS:,} agencies; asked for those up to {start + count:,}")
    return [str(FIRST_FIRM + place) for place in range(start, start + count)]


def _person(rng: Random) -> Career:
    draw = rng.random
    first = GIVEN_NAMES[int(draw() * len(GIVEN_NAMES))]
    last = FAMILY_NAMES[int(draw() * len(FAMILY_NAMES))]
    chance = draw()
    if chance < 0.03:
        last = f"{last}-{FAMILY_NAMES[int(draw() * len(FAMILY_NAMES))]}"
    middle = GIVEN_NAMES[int(draw() * len(GIVEN_NAMES))] if chance < 0.6 else ""
    if chance < 0.2 and middle:
        middle = middle[0]
    return Career(
        first_name=first,
        last_name=last,
        middle_name=middle,
        suffix=SUFFIXES[int(draw() * len(SUFFIXES))] if draw() < 0.03 else "",
        birth_date=date(1952 + int(draw() * 50), 1 + int(draw() * 12), 1 + int(draw() * 28)),
        resident_state=(home := RESIDENT_SHARES[int(draw() * len(RESIDENT_SHARES))]),
        other_states=_other_states(rng, home),
        categories=_PROFILES[int(draw() * len(_PROFILES))],
        alias=draw() < 0.04,
        regulatory_action=draw() < 0.01,
    )


def _firm(rng: Random) -> Career:
    draw = rng.random
    name = " ".join(words[int(draw() * len(words))] for words in (FIRM_FIRST, FIRM_SECOND, FIRM_FORM))
    home = RESIDENT_SHARES[int(draw() * len(RESIDENT_SHARES))]
    return Career(
        company_name=name,
        birth_date=date(1952 + int(draw() * 40), 1 + int(draw() * 12), 1 + int(draw() * 28)),
        resident_state=home,
        other_states=_other_states(rng, home),
        categories=_PROFILES[int(draw() * len(_PROFILES))],
        regulatory_action=draw() < 0.005,
    )


def _other_states(rng: Random, home: str) -> tuple[str, ...]:
    """Draw 0 to 12 further states: 45 of 100 producers have none, few have many."""
    draw = rng.random
    chance = draw()
    if chance < 0.45:
        return ()
    wanted = 1 + int(12 * ((chance - 0.45) / 0.55) ** 2.2)
    found: dict[str, None] = {}
    for _ in range(wanted):
        found[RESIDENT_SHARES[int(draw() * len(RESIDENT_SHARES))]] = None
    found.pop(home, None)
    return tuple(found)


def _special(number: int, special: Special, *, seed: int, today: date) -> Producer | None:
    """Make the person behind a special NPN: always the same name, home and licenses, whatever the seed."""
    if not special.exists:
        return None
    rng = Random(number)
    career = Career(
        first_name=special.first_name,
        last_name=special.last_name,
        birth_date=date(1980, 5, 17),
        resident_state="TX",
        other_states=("CA", "FL"),
        categories=frozenset({"life", "health"}),
        standings={"TX": Standing.GOOD, "CA": Standing.GOOD, "FL": Standing.GOOD},
    )
    match special.key:
        case "no_licenses":
            career = replace(career, licensed=False)
        case "resident_expired":
            career = replace(career, standings={**career.standings, "TX": Standing.LAPSED})
        case "resident_inactive":
            career = replace(career, standings={**career.standings, "TX": Standing.SUSPENDED})
        case "no_resident_license":
            career = replace(career, resident_licensed=False)
        case "several_licenses":
            career = replace(career, extra_classes={"TX": 2, "CA": 1})
        case "regulatory_action":
            career = replace(career, regulatory_action=True)
        case "all_states":
            others = tuple(state for state in STATES if state != "TX")
            career = replace(career, other_states=others, standings=dict.fromkeys(STATES, Standing.GOOD))
    made = compose(number, career, rng, seed=seed, today=today)
    if special.key == "unknown_state":
        return replace(
            made,
            licenses=tuple(replace(one, state="ZZ") if one.state == "FL" else one for one in made.licenses),
        )
    if special.key == "other_name":
        return replace(made, aliases=special.aliases)
    if special.license_numbers:
        numbers = dict(special.license_numbers)
        return replace(
            made,
            licenses=tuple(replace(one, number=numbers.get(one.state, one.number)) for one in made.licenses),
        )
    return made


def warm() -> None:
    """Read the rules now, so that the first report is not slower than the others."""
    license_classes()
