"""Reading the list of appointments: by health, reason, standing, state, company and producer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.appointments.models import Appointment
from muster.core.health import Risk
from muster.core.report import APPOINTED
from muster.lists.keyset import Narrow, Order, Page, all_of, page_of
from muster.producers.queries import UNSEEN_OF_PRODUCER, of_producers_found

PAGE = 50

IN_FORCE = Q(gone_at=None, status=APPOINTED)

ENDED_LATELY = Q(health=Appointment.Health.AT_RISK, risks__contains=[Risk.ENDED_BY_STATE])

AT_RISK = Q(health=Appointment.Health.AT_RISK) & ~Q(risks__contains=[Risk.ENDED_BY_STATE])
"""In force, and no longer held up by what it stands on; those that ended are told apart."""

STANDINGS = {"in-force": IN_FORCE, "ended": ~IN_FORCE}

ORDERS = {
    "-added": Order(("id",), descending=True),
    "added": Order(("id",)),
    "state": Order(("state", "id")),
    "company": Order(("cocode", "id")),
}
DEFAULT_ORDER = "-added"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the list of appointments. Empty means: all of them.

    `health` is an `Appointment.Health`, at risk meaning those in force; `risk` is one of its reasons;
    `standing` is a key of `STANDINGS`; `cocode` is a company's; `search` is as in the list of producers.
    """

    search: str = ""
    state: str = ""
    health: str = ""
    risk: str = ""
    standing: str = ""
    cocode: str = ""
    order: str = DEFAULT_ORDER

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(
            self.search.strip() or self.state or self.health or self.risk or self.standing or self.cocode
        )


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    """A page of the list of appointments, each with its producer."""

    appointments: list[Appointment]
    page: Page


def is_in_force(appointment: Appointment) -> bool:
    """Whether the registry lists it, as appointed: the same decision as `IN_FORCE`."""
    return appointment.gone_at is None and appointment.status == APPOINTED


def visible_appointments(member: Membership) -> OrganizationQuerySet:
    """The appointments that the member may read."""
    appointments: OrganizationQuerySet = Appointment.objects.visible_to(member, Permission.READ)
    return appointments


def matching(
    appointments: OrganizationQuerySet, member: Membership, selection: Selection
) -> OrganizationQuerySet:
    """Those of the appointments that the selection asks for."""
    if selection.state:
        appointments = appointments.filter(state=selection.state)
    if selection.health:
        is_risky = selection.health == Appointment.Health.AT_RISK
        appointments = appointments.filter(AT_RISK if is_risky else Q(health=selection.health))
    if selection.risk:
        # Only what is at risk has reasons; said here, the index of those is used.
        appointments = appointments.filter(
            health=Appointment.Health.AT_RISK, risks__contains=[selection.risk]
        )
    if selection.standing:
        appointments = appointments.filter(STANDINGS[selection.standing])
    if selection.cocode:
        appointments = appointments.filter(cocode=selection.cocode)
    return of_producers_found(appointments, member, selection.search)


def appointment_page(
    member: Membership,
    selection: Selection,
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE,
    narrow: Narrow = all_of,
) -> AppointmentPage:
    """One page of the appointments that the selection asks for."""
    everything = visible_appointments(member)
    page = page_of(
        narrow(matching(everything, member, selection)),
        among=everything,
        order=ORDERS[selection.order],
        size=size,
        after=after,
        before=before,
    )
    rows = everything.filter(id__in=page.keys).select_related("producer").defer(*UNSEEN_OF_PRODUCER)
    found = {one.pk: one for one in rows}
    return AppointmentPage([found[key] for key in page.keys if key in found], page)


@dataclass(frozen=True, slots=True)
class AtRisk:
    """How many appointments in force are at risk, and how many for each reason: some have several.

    `ended` counts those that ended in the last 90 days; they are none of the others.
    """

    total: int
    by_risk: dict[str, int]
    ended: int = 0


def at_risk(member: Membership) -> AtRisk:
    """Appointments at risk by reason, the most frequent first, and those that ended; one read of an index."""
    risky = visible_appointments(member).filter(health=Appointment.Health.AT_RISK)
    by_reasons = list(risky.order_by().values_list("risks").annotate(Count("id")))
    by_risk: Counter[str] = Counter()
    total = ended = 0
    for risks, count in by_reasons:
        if Risk.ENDED_BY_STATE in risks:
            ended += count
        else:
            total += count
            by_risk.update(dict.fromkeys(risks, count))
    return AtRisk(total, dict(by_risk.most_common()), ended)
