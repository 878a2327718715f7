"""Reading the list of appointments: by health, reason, standing, state, company and producer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.appointments.models import Appointment
from muster.core.report import APPOINTED
from muster.lists.keyset import Order, Page, page_of
from muster.producers.queries import Selection as ProducerSelection
from muster.producers.queries import matching as matching_producers
from muster.producers.queries import visible_producers

PAGE = 50
UNSEEN = ("producer__search_words", "producer__ssn_sealed", "producer__other_names", "producer__sync_notes")

IN_FORCE = Q(gone_at=None, status=APPOINTED)

STANDINGS = {"in-force": IN_FORCE, "ended": ~IN_FORCE}

ORDERS = {
    "-added": Order(("id",), descending=True),
    "added": Order(("id",)),
    "state": Order(("state", "id")),
}
DEFAULT_ORDER = "-added"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the list of appointments. Empty means: all of them.

    `health` is an `Appointment.Health`; `risk` is one of its reasons; `standing` is a key of `STANDINGS`;
    `cocode` is a company's; `search` is as in the list of producers.
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
        appointments = appointments.filter(health=selection.health)
    if selection.risk:
        # Only what is at risk has reasons; said here, the index of those is used.
        appointments = appointments.filter(
            health=Appointment.Health.AT_RISK, risks__contains=[selection.risk]
        )
    if selection.standing:
        appointments = appointments.filter(STANDINGS[selection.standing])
    if selection.cocode:
        appointments = appointments.filter(cocode=selection.cocode)
    if selection.search.strip():
        named = matching_producers(visible_producers(member), ProducerSelection(search=selection.search))
        appointments = appointments.filter(producer__in=named.values("pk"))
    return appointments


def appointment_page(
    member: Membership, selection: Selection, *, after: str = "", before: str = "", size: int = PAGE
) -> AppointmentPage:
    """One page of the appointments that the selection asks for."""
    everything = visible_appointments(member)
    page = page_of(
        matching(everything, member, selection),
        among=everything,
        order=ORDERS[selection.order],
        size=size,
        after=after,
        before=before,
    )
    rows = everything.filter(id__in=page.keys).select_related("producer").defer(*UNSEEN)
    found = {one.pk: one for one in rows}
    return AppointmentPage([found[key] for key in page.keys if key in found], page)


@dataclass(frozen=True, slots=True)
class AtRisk:
    """How many appointments are at risk, and how many of them for each reason: some have several."""

    total: int
    by_risk: dict[str, int]


def at_risk(member: Membership) -> AtRisk:
    """Appointments at risk by reason, the most frequent first; one query of one index."""
    risky = visible_appointments(member).filter(health=Appointment.Health.AT_RISK)
    by_reasons = list(risky.order_by().values_list("risks").annotate(Count("id")))
    by_risk: Counter[str] = Counter()
    for risks, count in by_reasons:
        by_risk.update(dict.fromkeys(risks, count))
    return AtRisk(sum(count for _, count in by_reasons), dict(by_risk.most_common()))
