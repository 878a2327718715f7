"""Appointments that a renewal would charge for, and that nobody seems to need: candidates for an end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from muster.access.models import Membership, OrganizationQuerySet
from muster.appointments.models import Appointment
from muster.appointments.queries import IN_FORCE, visible_appointments
from muster.assignments.models import Assignment
from muster.carriers.models import Company
from muster.core.fees import Fee, estimate_renewal
from muster.core.health import Risk
from muster.core.transactions import Status, TransactionKind
from muster.licenses.models import License
from muster.lists.keyset import Order, Page, page_of
from muster.producers.queries import UNSEEN_OF_PRODUCER, of_producers_found
from muster.transactions.models import Transaction
from muster.transactions.terms import Setup

PAGE = 50
ORDER = Order(("state", "id"))

NONE = Q(pk__in=[])
LICENSE_LOST = [Risk.LICENSE_MISSING, Risk.LICENSE_INACTIVE, Risk.LICENSE_EXPIRED, Risk.LINE_LOST]


class Why(StrEnum):
    """Why an appointment seems not to be needed."""

    LICENSE = "license"
    ASSIGNMENT = "assignment"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the list of candidates. Empty means: all of them, in the states that renew in `days`.

    `search` is as in the list of producers; `state` is one of the states; `why` is a `Why`.
    """

    search: str = ""
    state: str = ""
    why: str = ""
    days: int = 90


class Candidate(NamedTuple):
    """An appointment with why it seems not to be needed, and what its renewal costs.

    `is_unmarked` is None where no filing of ours tells whether business was to be marked.
    """

    appointment: Appointment
    lost_license: bool
    is_unassigned: bool
    is_unmarked: bool | None
    fee: Fee


@dataclass(frozen=True, slots=True)
class Sum:
    """What the renewals cost at the least, in cents, and of how many appointments the fee is not known."""

    cents: int
    unknown: int


def knows_assignments(member: Membership) -> bool:
    """Whether the organization assigns producers at all; else nobody can tell who is not assigned."""
    return Assignment.objects.filter(organization_id=member.organization_id).exists()


def candidates(
    member: Membership, selection: Selection, states: Collection[str], *, today: date
) -> OrganizationQuerySet:
    """The organization's own appointments in force in these states that seem not to be needed.

    The renewal of an appointment with somebody else's company costs the organization nothing.
    """
    chosen = [one for one in states if one == selection.state] if selection.state else list(states)
    in_force = visible_appointments(member).filter(IN_FORCE, state__in=chosen)
    in_force = in_force.exclude(origin=Appointment.Origin.INTERNAL)
    ours = Company.objects.filter(organization_id=member.organization_id)
    in_force = in_force.filter(cocode__in=list(ours.values_list("cocode", flat=True)))
    reasons = _reasons(today, assigns=knows_assignments(member))
    wanted = [reasons.get(selection.why, NONE)] if selection.why else list(reasons.values())
    any_of = Q()
    for reason in wanted:
        any_of |= reason
    return of_producers_found(in_force.filter(any_of), member, selection.search)


def _reasons(today: date, *, assigns: bool) -> Mapping[str, Q]:
    return {
        # Only what is at risk has reasons; said here, the index of those is used.
        Why.LICENSE: Q(health=Appointment.Health.AT_RISK, risks__overlap=LICENSE_LOST),
        Why.ASSIGNMENT: ~Q(Exists(_assignments(today))) if assigns else NONE,
        Why.BUSINESS: Q(Exists(_filed().filter(just_in_time=True, first_business_on=None))),
    }


def _assignments(today: date) -> QuerySet[Assignment]:
    """Those that cover the appointment's producer, state and company."""
    return Assignment.objects.filter(
        Q(cocodes=[]) | Q(cocodes__contains=[OuterRef("cocode")]),
        Q(starts_on=None) | Q(starts_on__lte=today),
        Q(ends_on=None) | Q(ends_on__gte=today),
        producer=OuterRef("producer"),
        states__contains=[OuterRef("state")],
    )


def _filed() -> QuerySet[Transaction]:
    """The filings that made the appointment."""
    return Transaction.objects.filter(
        producer=OuterRef("producer"),
        kind=TransactionKind.APPOINTMENT,
        status__in=(Status.ACCEPTED, Status.RECORDED),
        jurisdiction=OuterRef("state"),
        cocode=OuterRef("cocode"),
        line_code=OuterRef("line_code"),
        line_name=OuterRef("line_name"),
        county=OuterRef("county_code"),
    )


def _resident() -> Exists:
    return Exists(
        License.objects.filter(
            producer=OuterRef("producer"), state=OuterRef("state"), residency="R", gone_at=None
        )
    )


def candidate_page(
    member: Membership,
    selection: Selection,
    states: Collection[str],
    *,
    setup: Setup,
    after: str = "",
    before: str = "",
    size: int = PAGE,
) -> tuple[list[Candidate], Page]:
    """One page of the candidates, in the order of states."""
    page = page_of(
        candidates(member, selection, states, today=setup.today),
        among=visible_appointments(member).filter(state__in=list(states)),
        order=ORDER,
        size=size,
        after=after,
        before=before,
    )
    return told_of(member, page.keys, setup=setup), page


def told_of(member: Membership, ids: Iterable[int], *, setup: Setup) -> list[Candidate]:
    """These candidates, in their order; two queries."""
    wanted = list(ids)
    assigns = knows_assignments(member)
    rows = visible_appointments(member).filter(pk__in=wanted).select_related("producer")
    rows = rows.annotate(
        is_assigned=Exists(_assignments(setup.today)),
        is_unmarked=Exists(_filed().filter(just_in_time=True, first_business_on=None)),
        is_filed=Exists(_filed().filter(just_in_time=True)),
        is_resident=_resident(),
    )
    fees = RenewalFees(setup)
    found = {}
    for one in rows.defer(*UNSEEN_OF_PRODUCER):
        told: Any = one
        found[one.pk] = Candidate(
            one,
            one.health == Appointment.Health.AT_RISK and not set(LICENSE_LOST).isdisjoint(one.risks),
            assigns and not told.is_assigned,
            told.is_unmarked if told.is_filed else None,
            fees.of(one.state, one.cocode, is_firm=one.producer.kind == "firm", is_resident=told.is_resident),
        )
    return [found[key] for key in wanted if key in found]


def sum_of(rows: OrganizationQuerySet, *, setup: Setup) -> Sum:
    """What the renewals of these appointments cost; one query.

    A fee counts once for a producer and a company, unless the state asks for it for each line: where nobody
    has told, no more is sure.
    """
    fees = RenewalFees(setup)
    cents = unknown = 0
    grouped = rows.order_by().annotate(is_resident=_resident())
    counted = grouped.values_list("state", "cocode", "producer__kind", "is_resident").annotate(
        lines=Count("pk"), producers=Count("producer", distinct=True)
    )
    for state, cocode, kind, is_resident, lines, producers in counted:
        fee = fees.of(state, cocode, is_firm=kind == "firm", is_resident=is_resident)
        if fee.cents is None:
            unknown += lines
        else:
            cents += fee.cents * (lines if fee.basis == "line" else producers)
    return Sum(cents, unknown)


class RenewalFees:
    """What states ask for renewals, as an organization has it today; each looked up once."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._kept: dict[tuple[object, ...], Fee] = {}

    def of(self, state: str, cocode: str, *, is_firm: bool, is_resident: bool) -> Fee:
        """The fee for a producer of this sort with this company."""
        company = self._setup.terms.companies.get(cocode)
        domicile = company.domicile if company else ""
        key = (state, domicile, is_firm, is_resident)
        if key not in self._kept:
            self._kept[key] = estimate_renewal(
                self._setup.book,
                state=state,
                residency="resident" if is_resident else "nonresident",
                entity="agency" if is_firm else "individual",
                appointment_type="",
                domicile=domicile,
                on=self._setup.today,
            )
        return self._kept[key]
