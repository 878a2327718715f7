"""Judging: a plan and a person come to verdicts. Every check runs, and all failures are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from muster.core.eligibility.checks import Check, Failure
from muster.core.eligibility.facts import Appointed, License, Opened, Person, same_county, same_line
from muster.core.eligibility.plan import Look, Plan, PlannedLine
from muster.core.lines import folded
from muster.core.transactions import Status

NOTHING: frozenset[str] = frozenset()
NO_RESIDENT = Failure(Check.NO_RESIDENT_LICENSE)
NOT_HELD = Failure(Check.LINE_NOT_HELD)
NO_AGENCIES = Failure(Check.ENTITY_NOT_APPOINTED, {"entities": "Agencies"})
NO_INDIVIDUALS = Failure(Check.ENTITY_NOT_APPOINTED, {"entities": "Individuals"})

Failures = tuple[Failure, ...]


class Verdict(NamedTuple):
    """What is to become of one line: a transaction in this status, resting on this license.

    Without a line it is the answer to the whole request. The first of the `failures` is the reason; there are
    none where it is in good standing.
    """

    line: PlannedLine | None
    license: License | None
    status: Status
    failures: Failures = ()

    @property
    def reason(self) -> str:
        """The code of the first check that failed; empty where none did."""
        return self.failures[0].check.value if self.failures else ""


def judge(
    plan: Plan,
    person: Person,
    *,
    today: date,
    county: str = "",
    left_out: frozenset[str] = NOTHING,
    apart_from: UUID | None = None,
) -> list[Verdict]:
    """Judge one request for one producer, state and company.

    `left_out` are names of lines, as `lines.folded` makes them, that are not wanted. Transactions that came
    from the request `apart_from` do not count as open. The checks: docs/explanation/eligibility.md.
    """
    licensed, eligible = _licenses(plan, person, today)
    outside = _outside(plan, person, today) if plan.assignment_required else NOTHING
    before = _of_person(plan, person, today)
    if plan.whole or outside == plan.wanted or not plan.lines:
        failures = (*_of_request(plan, outside), *before, *((licensed,) if licensed else ()))
        return [Verdict(None, None, Status.NOT_ELIGIBLE, failures)]
    appointed = [one for one in person.appointed if one.state == plan.state and one.cocode == plan.cocode]
    opened = [
        one
        for one in person.opened
        if one.state == plan.state
        and one.cocode == plan.cocode
        and (apart_from is None or one.request != apart_from)
    ]
    if len(eligible) == 1 and not (appointed or opened or left_out):
        # Most requests end here: what such licenses come to is worked out once a plan.
        license, look = eligible[0]
        key = (look, tuple(failure.check for failure in before), outside)
        same = plan.kept.get(key)
        if same is None:
            same = plan.kept[key] = _lines(plan, [(license, look)], before, outside, None, (), (), county)
        return [
            Verdict(line, license if held else None, status, failures)
            for line, held, status, failures in same
        ]
    verdicts = _lines(plan, eligible, before, outside, licensed, appointed, opened, county)
    if left_out:
        return [one for one in verdicts if one.line is not None and one.line.name not in left_out]
    return verdicts


def _lines(
    plan: Plan,
    eligible: Sequence[tuple[License, Look]],
    before: Failures,
    outside: frozenset[str],
    licensed: Failure | None,
    appointed: Sequence[Appointed],
    opened: Sequence[Opened],
    county: str,
) -> list[Verdict]:
    """The verdicts of every line, each on every eligible license that holds it."""
    verdicts = []
    taken: set[tuple[int, str]] = set()
    for place, planned in enumerate(plan.lines):
        first: Failures = (planned.failure,) if planned.failure else ()
        if outside and planned.wanted <= outside:
            first = (*first, _outside_of(plan))
        first += before
        known = _known(planned, appointed, county)
        holders = [license for license, look in eligible if place in look.held]
        for license in holders:
            # Two rules for one line, of its class and of all, make one filing.
            if (license.id, planned.name) in taken:
                continue
            taken.add((license.id, planned.name))
            failures = (*first, *known, *_open(planned, license, opened, county))
            verdicts.append(
                Verdict(planned, license, Status.NOT_ELIGIBLE if failures else planned.status, failures)
            )
        if not holders:
            failures = (*first, licensed or NOT_HELD, *known, *_open(planned, None, opened, county))
            verdicts.append(Verdict(planned, None, Status.NOT_ELIGIBLE, failures))
    return verdicts


def _outside(plan: Plan, person: Person, today: date) -> frozenset[str]:
    """The requested categories that no assignment covers."""
    return frozenset(
        category
        for category in plan.wanted
        if not any(
            one.covers(
                state=plan.state,
                category=category,
                cocode=plan.cocode,
                agent_type=plan.agent_type,
                today=today,
            )
            for one in person.assigned
        )
    )


def _outside_of(plan: Plan) -> Failure:
    return Failure(
        Check.OUTSIDE_ASSIGNMENT,
        {"state": plan.state, "cocode": plan.cocode, "categories": ";".join(plan.categories)},
    )


def _of_request(plan: Plan, outside: frozenset[str]) -> Failures:
    """What stands against a request of which no line can be judged by itself."""
    failures = [*plan.whole]
    if plan.company is not None and plan.company.categories.isdisjoint(plan.categories):
        failures.append(Failure(Check.COMPANY_LACKS_LOA, {"categories": ";".join(plan.categories)}))
    if outside:
        failures.append(_outside_of(plan))
    if not plan.lines:
        failures.append(
            Failure(Check.NO_BUSINESS_RULE, {"state": plan.state, "categories": ";".join(plan.categories)})
        )
    return tuple(failures)


def _of_person(plan: Plan, person: Person, today: date) -> Failures:
    """What stands against the producer, whatever the line."""
    appoints = plan.rule.appoints_agencies if person.is_firm else plan.rule.appoints_individuals
    if appoints is not False and person.has_resident_license(today):
        return ()
    entity = (NO_AGENCIES if person.is_firm else NO_INDIVIDUALS,) if appoints is False else ()
    return entity if person.has_resident_license(today) else (*entity, NO_RESIDENT)


def _licenses(plan: Plan, person: Person, today: date) -> tuple[Failure | None, list[tuple[License, Look]]]:
    """What the licenses of the state lack as a whole, and those that are eligible."""
    eligible = []
    found = None
    for license in person.by_state.get(plan.state, ()):
        look = plan.look(license)
        if look is None:
            continue
        found = license
        if look.holds_any and license.is_good(today):
            eligible.append((license, look))
    if eligible:
        return None, eligible
    if found is None:
        return Failure(Check.LICENSE_NOT_FOUND, {"state": plan.state}), eligible
    return Failure(Check.LICENSE_NOT_ACTIVE, {"state": plan.state, "license": found.number}), eligible


def _known(planned: PlannedLine, appointed: Sequence[Appointed], county: str) -> Failures:
    line = planned.line
    for one in appointed:
        if same_line(line.line_code, line.line_name, one.line_code, one.line_name) and same_county(
            county, one.county
        ):
            return (Failure(Check.ALREADY_APPOINTED, {"appointment": one.id}),)
    return ()


def _rests_on(one: Opened, license: License) -> bool:
    """Whether a transaction is for this license: two that hold one line make two filings."""
    return one.license_number == license.number and (
        not one.class_code or not license.class_code or folded(one.class_code) == folded(license.class_code)
    )


def _open(planned: PlannedLine, license: License | None, opened: Sequence[Opened], county: str) -> Failures:
    line = planned.line
    for one in opened:
        if (
            same_line(line.line_code, line.line_name, one.line_code, one.line_name)
            and same_county(county, one.county)
            and (license is None or not one.license_number or _rests_on(one, license))
        ):
            return (Failure(Check.OPEN_TRANSACTION, {"transaction": one.number}),)
    return ()
