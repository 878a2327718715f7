"""Reading all that is known of one producer, with a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import F

from muster.appointments.models import Appointment
from muster.assignments.models import Assignment
from muster.core.report import APPOINTED
from muster.core.scorecard import GapKind, HeldLine, Verdict
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES, SCORECARD_TYPES
from muster.licenses.models import License, LineOfAuthority
from muster.licenses.standing import Standing, standing_of
from muster.producers.models import (
    WAITING_FOR_SYNC,
    Producer,
    RegistryAddress,
    RegistryContact,
    RegulatoryAction,
    SyncStatus,
)
from muster.producers.queries import is_in_force
from muster.scorecards.queries import Card, Judged, judged_now


@dataclass(slots=True)
class HeldLicense:
    """A license with its lines: those that the registry lists, then those it lists no longer."""

    license: License
    standing: Standing
    days_left: int | None
    lines: list[LineOfAuthority] = field(default_factory=list)

    @property
    def can_be_renewed(self) -> bool:
        """Whether it expires, and is active or has lapsed within a year."""
        if self.license.gone_at or self.days_left is None:
            return False
        return self.license.is_active or -366 <= self.days_left < 0


@dataclass(frozen=True, slots=True)
class Meant:
    """What an assignment says, in words, and how far the producer is from it.

    `unplaced` are held lines, each with its state, that the rules place in no category.
    """

    assignment: Assignment
    categories: list[str]
    scorecard_type: str
    agent_type: str
    verdict: Verdict
    unplaced: list[tuple[str, HeldLine]]


@dataclass(frozen=True, slots=True)
class Step:
    """The one thing that is next for a producer; `does` is "resync", an anchor, or nothing to press."""

    title: str
    text: str
    color: str
    icon: str
    does: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is known of one producer. `at_risk` is part of `appointments`, which are in force.

    `ended_lately` is part of `ended_appointments`.
    """

    producer: Producer
    licenses: list[HeldLicense]
    gone_licenses: list[HeldLicense]
    appointments: list[Appointment]
    ended_appointments: list[Appointment]
    at_risk: list[Appointment]
    ended_lately: list[Appointment]
    assignments: list[Meant]
    addresses: list[RegistryAddress]
    contacts: list[RegistryContact]
    actions: list[RegulatoryAction]
    step: Step

    @property
    def active(self) -> int:
        """How many licenses are in force."""
        return sum(held.standing in (Standing.ACTIVE, Standing.EXPIRES_SOON) for held in self.licenses)

    @property
    def expiring(self) -> list[HeldLicense]:
        """The licenses in force that expire soon, the first to expire first."""
        soon = [held for held in self.licenses if held.standing is Standing.EXPIRES_SOON]
        return sorted(soon, key=lambda held: (held.days_left or 0, held.license.state))

    @property
    def gaps(self) -> int:
        """How many lines of the scorecards have a gap; of a producer never synced, all."""
        return gaps_in(self.assignments)


def gaps_in(assignments: Iterable[Meant]) -> int:
    """How many lines of their scorecards have a gap."""
    return sum(line.gap is not None for one in assignments for line in one.verdict.lines)


def profile_of(producer: Producer, *, today: date, is_whole: bool = True) -> Profile:
    """All that is known of the producer, who has been read through `visible_to` or a seat. Ten queries.

    One that is not whole has no addresses, contacts and regulatory actions, and takes seven.
    """
    licenses = licenses_of(producer, today=today)
    listed = [held for held in licenses if held.standing is not Standing.GONE]
    judged = judged_now(producer, today=today)
    appointments = appointments_of(producer, judged)
    in_force = [one for one in appointments if one.status == APPOINTED and not one.gone_at]
    kept = set(map(id, in_force))
    assignments = [meant(card) for card in judged.cards]
    risky = [one for one in appointments if one.health == Appointment.Health.AT_RISK]
    at_risk = [one for one in risky if id(one) in kept]
    newest_first = (F("gone_at").asc(nulls_first=True), "state")
    return Profile(
        producer=producer,
        licenses=listed,
        gone_licenses=[held for held in licenses if held.standing is Standing.GONE],
        appointments=in_force,
        ended_appointments=[one for one in appointments if id(one) not in kept],
        at_risk=at_risk,
        ended_lately=[one for one in risky if id(one) not in kept],
        assignments=assignments,
        addresses=list(RegistryAddress.objects.filter(producer=producer).order_by(*newest_first, "type_code"))
        if is_whole
        else [],
        contacts=list(RegistryContact.objects.filter(producer=producer).order_by(*newest_first, "kind"))
        if is_whole
        else [],
        actions=list(
            RegulatoryAction.objects.filter(producer=producer).order_by(
                F("action_on").desc(nulls_last=True), "id"
            )
        )
        if is_whole
        else [],
        step=next_step(producer, listed, assignments, at_risk, today=today),
    )


def appointments_of(producer: Producer, judged: Judged) -> list[Appointment]:
    """All appointments by company and state, each with its health as judged now; one query."""
    appointments = list(
        Appointment.objects.filter(producer=producer).order_by("company_name", "cocode", "state", "line_name")
    )
    for one in appointments:
        # Kept is what held when it was judged last; pages tell today's, beside gaps that are today's.
        if told := judged.healths.get(one.pk):
            one.health, one.risks = told.health, list(told.risks)
    return appointments


def licenses_of(producer: Producer, *, today: date) -> list[HeldLicense]:
    """Licenses, resident ones first and then by state, with their lines; two queries."""
    held = {
        license.pk: HeldLicense(
            license,
            standing_of(license, today),
            (license.expires_on - today).days if license.expires_on else None,
        )
        for license in License.objects.filter(producer=producer)
    }
    lines: dict[int, list[LineOfAuthority]] = defaultdict(list)
    for line in LineOfAuthority.objects.filter(license__in=list(held)).order_by("name", "id"):
        lines[line.license_id].append(line)
    for license_id, of_license in lines.items():
        held[license_id].lines = sorted(of_license, key=lambda line: line.gone_at is not None)
    resident = License.Residency.RESIDENT
    return sorted(
        held.values(),
        key=lambda one: (one.license.residency != resident, one.license.state, one.license.number),
    )


def meant(card: Card) -> Meant:
    """The assignment of a card in words, with its verdict."""
    assignment = card.assignment
    return Meant(
        assignment,
        [LOA_CATEGORIES.get(category, category) for category in assignment.categories],
        SCORECARD_TYPES.get(assignment.scorecard_type, assignment.scorecard_type),
        AGENT_TYPES.get(assignment.agent_type, assignment.agent_type),
        card.verdict,
        card.unplaced,
    )


STEPS = {
    SyncStatus.NOT_STARTED: Step(
        "Sync with the registry",
        "Licenses and appointments appear once the registry has been asked.",
        "blue",
        "cloud-download",
        "resync",
    ),
    SyncStatus.NOT_FOUND: Step(
        "Check the NPN",
        "The registry knows nobody by this number. Import the producer with the right one; if it is right, "
        "sync again.",
        "red",
        "user-question",
        "resync",
    ),
    SyncStatus.RETRY_ERROR: Step(
        "Sync again",
        "Muster tried several times. What is shown is what was known before.",
        "red",
        "alert-circle",
        "resync",
    ),
    SyncStatus.SUCCESS_NO_LICENSES: Step(
        "Apply for a resident license",
        "The registry knows this producer but lists no license. Sync again once a state has issued one.",
        "orange",
        "certificate-off",
        "resync",
    ),
}


def next_step(
    producer: Producer,
    licenses: Iterable[HeldLicense],
    assignments: list[Meant],
    at_risk: list[Appointment],
    *,
    today: date,
) -> Step:
    """The one thing that is next: what keeps us from knowing before what keeps the producer from selling."""
    status = SyncStatus(producer.sync_status)
    if step := STEPS.get(status):
        gave_up = status is SyncStatus.RETRY_ERROR
        return replace(step, text=f"{producer.sync_reason} {step.text}".strip()) if gave_up else step
    if status in WAITING_FOR_SYNC:
        text = producer.sync_reason or "The report comes by itself; there is nothing to do."
        title = "Waiting for the registry" if status is not SyncStatus.PROCESSING else "Fetching the report"
        return Step(title, text, "blue", "clock")
    licenses = list(licenses)
    residents = [one for one in licenses if one.license.residency == License.Residency.RESIDENT]
    if not any(is_in_force(one.license, today) for one in residents):
        return _without_resident(residents)
    if step := _license_step(assignments):
        return step
    if soon := [one for one in licenses if one.standing is Standing.EXPIRES_SOON]:
        first = min(soon, key=lambda one: one.days_left or 0)
        more = f", {len(soon) - 1} more soon after" if len(soon) > 1 else ""
        return Step(
            f"Renew the {first.license.state} license",
            f"It expires {in_days(first.days_left or 0)}{more}.",
            "orange",
            "calendar-exclamation",
            "expiring",
        )
    if gaps := gaps_in(assignments) if producer.synced_at else 0:
        return Step(
            "Close the gap" if gaps == 1 else f"Close {gaps:,} gaps",
            "A line of authority or an appointment is missing for what this producer is meant to sell.",
            "orange",
            "list-check",
            "gaps",
        )
    if at_risk:
        return Step(
            "Look at the appointment at risk"
            if len(at_risk) == 1
            else f"Look at {len(at_risk):,} appointments at risk",
            "What they stand on has changed; each says what.",
            "orange",
            "alert-triangle",
            "appointments",
        )
    if producer.name_differs:
        return Step(
            "Compare the names",
            f"The registry knows {producer}; the file said "
            f"{producer.file_last_name}, {producer.file_first_name}. Make sure that it is the same person.",
            "orange",
            "arrows-diff",
        )
    also = ", and so is one in each assigned state" if any(one.verdict.lines for one in assignments) else ""
    return Step("In good standing", f"The resident license is in force{also}.", "green", "circle-check")


def _license_step(assignments: Iterable[Meant]) -> Step | None:
    """What to do about the licenses that assignments lack, by the same gaps that their scorecards tell."""
    lacking: dict[GapKind, set[str]] = defaultdict(set)
    for one in assignments:
        for line in one.verdict.lines:
            if line.gap is not None:
                lacking[line.gap].add(line.state)
    for kind, title, text in LICENSE_STEPS:
        if kind in lacking:
            states = _listed(sorted(lacking[kind]))
            licenses = "licenses are" if len(lacking[kind]) > 1 else "license is"
            told = {"states": states, "licenses": licenses}
            return Step(title.format(**told), text.format(**told), "orange", "certificate-off", "gaps")
    return None


LICENSE_STEPS = (
    (
        GapKind.LICENSE_INACTIVE,
        "See why the {states} {licenses} inactive",
        "Assigned {states}, where the state calls what is held inactive.",
    ),
    (
        GapKind.LICENSE_EXPIRED,
        "Renew in {states}",
        "Assigned {states}, where the {licenses} expired.",
    ),
    (
        GapKind.LICENSE_MISSING,
        "Get licensed in {states}",
        "Assigned {states}, but holds no license there.",
    ),
)
"""The steps of the gaps of licenses, those first where something was held already."""


def _without_resident(residents: list[HeldLicense]) -> Step:
    look = ("red", "certificate-off", "licenses")
    if not residents:
        return Step(
            "Find the resident license",
            "The registry lists none, and without it no appointment can be made.",
            *look,
        )
    states = ", ".join(sorted({one.license.state for one in residents}))
    if all(one.standing is Standing.INACTIVE for one in residents):
        return Step(
            f"See why the resident license ({states}) is inactive",
            "The state calls it inactive, and without it no appointment can be made.",
            "red",
            "certificate-off",
            f"why-{residents[0].license.state}",
        )
    return Step(
        f"Renew the resident license ({states})",
        "It is not in force, and without it no appointment can be made.",
        *look,
    )


def _listed(states: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(states[:-1]), states[-1])))


def in_days(days: int) -> str:
    """How far off a day is, in words."""
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
