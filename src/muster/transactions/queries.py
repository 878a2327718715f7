"""Reading transactions: the list by status, reason, state and company; one with its history; fees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.appointments.models import Appointment
from muster.core.transactions import WAITING, BatchState, Status, number_read
from muster.lists.keyset import CEILING, Narrow, Order, Page, all_of, page_of
from muster.producers.models import Producer
from muster.producers.queries import UNSEEN_OF_PRODUCER, of_producers_found
from muster.transactions.models import Attempt, Batch, StatusChange, Transaction
from muster.transactions.sql import statement

PAGE = 50

SOON = timedelta(days=14)
"""A deadline that is no further off asks for attention."""

QUEUED, UNRELEASED = "queued", "unreleased"
RELEASES = {
    QUEUED: Q(status__in=WAITING, released_at__isnull=False),
    UNRELEASED: Q(status__in=WAITING, released_at=None),
}
"""Whether those that wait were let go to the registry."""

DATED, DUE_SOON, OVERDUE = "dated", "soon", "overdue"
DUES = (DATED, DUE_SOON, OVERDUE)
"""Held with a deadline; with one that is near, or past; with one that is past."""

ORDERS = {
    "-added": Order(("id",), descending=True),
    "added": Order(("id",)),
    "state": Order(("jurisdiction", "id")),
}
DEFAULT_ORDER = "-added"
BY_DEADLINE = Order(("file_by", "id"))
"""How those with a deadline are listed, whatever order is asked for: the first to end on top."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the list of transactions. Empty means: all of them.

    `search` is a number such as GT-00000001, or as in the list of producers; `statuses` are alternatives;
    `reason` is a check of eligibility; `state` one of the union; `batch` a batch's number; `producer` an NPN;
    `operation` the one that made them; `released` a key of `RELEASES`; `due` one of `DUES`.
    """

    search: str = ""
    statuses: tuple[str, ...] = ()
    reason: str = ""
    state: str = ""
    cocode: str = ""
    kind: str = ""
    producer: str = ""
    batch: int | None = None
    operation: UUID | None = None
    mine: bool = False
    released: str = ""
    due: str = ""
    order: str = DEFAULT_ORDER

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return self != Selection(order=self.order)


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """A page of the list of transactions, each with its producer and batch."""

    transactions: list[Transaction]
    page: Page


def visible_transactions(member: Membership) -> OrganizationQuerySet:
    """The transactions that the member may read."""
    transactions: OrganizationQuerySet = Transaction.objects.visible_to(member, Permission.READ)
    return transactions


def matching(
    transactions: OrganizationQuerySet, member: Membership, selection: Selection, *, today: date
) -> OrganizationQuerySet:
    """Those of the transactions that the selection asks for."""
    plain = {
        "status__in": selection.statuses,
        "reason": selection.reason,
        "jurisdiction": selection.state,
        "cocode": selection.cocode,
        "kind": selection.kind,
        "prepared_by": member.user_id if selection.mine else None,
    }
    transactions = transactions.filter(**{name: value for name, value in plain.items() if value})
    if selection.producer:
        producers = Producer.objects.ever_visible_to(member, Permission.READ)
        producers = producers.filter(npn=selection.producer)
        transactions = transactions.filter(producer__in=producers.values("pk"))
    if selection.batch is not None or selection.operation:
        batches = Batch.objects.visible_to(member, Permission.READ)
        if selection.batch is not None:
            batches = batches.filter(number=selection.batch)
        if selection.operation:
            batches = batches.filter(operation_id=selection.operation)
        transactions = transactions.filter(batch__in=batches.values("pk"))
    if selection.released:
        transactions = transactions.filter(RELEASES[selection.released])
    if selection.due:
        transactions = transactions.filter(_due(selection.due, today))
    return _found(transactions, member, selection.search)


def _due(due: str, today: date) -> Q:
    held = Q(status=Status.HELD, file_by__isnull=False)
    if due == DUE_SOON:
        return held & Q(file_by__lte=today + SOON)
    return held & Q(file_by__lt=today) if due == OVERDUE else held


def _found(transactions: OrganizationQuerySet, member: Membership, search: str) -> OrganizationQuerySet:
    typed = search.strip().upper()
    # An NPN has no leading zeros and no letters; a number that a person copied has either.
    if typed.startswith(("GT-", "0")) and (number := number_read(typed)) is not None:
        return transactions.filter(number=number)
    # What was filed, and paid, stays on record whoever has left.
    return of_producers_found(transactions, member, search, ever=True)


def order_of(selection: Selection) -> Order:
    """The order in which the selection is listed."""
    return BY_DEADLINE if selection.due else ORDERS[selection.order]


def transaction_page(
    member: Membership,
    selection: Selection,
    *,
    today: date,
    after: str = "",
    before: str = "",
    size: int = PAGE,
    narrow: Narrow = all_of,
) -> TransactionPage:
    """One page of the transactions that the selection asks for."""
    everything = visible_transactions(member)
    page = page_of(
        narrow(matching(everything, member, selection, today=today)),
        among=everything,
        order=order_of(selection),
        size=size,
        after=after,
        before=before,
    )
    found = {one.pk: one for one in _told(everything.filter(id__in=page.keys))}
    return TransactionPage([found[key] for key in page.keys if key in found], page)


def newest_transactions(producer: Producer, *, limit: int) -> list[Transaction]:
    """The last transactions of a producer who was read through `visible_to`; one read of an index."""
    return list(_told(Transaction.objects.filter(producer=producer)).order_by("-id")[:limit])


def _told(transactions: QuerySet[Any]) -> QuerySet[Any]:
    return transactions.select_related("producer", "batch").defer(
        *UNSEEN_OF_PRODUCER, "batch__request", "batch__facts"
    )


class Capped(int):
    """A number that was counted up to `CEILING` and no further."""

    @property
    def is_more(self) -> bool:
        """Whether there are more than it says."""
        return self > CEILING


def capped(rows: QuerySet[Any]) -> Capped:
    """How many rows there are, counted no further than a person would want to know."""
    return Capped(rows.order_by()[: CEILING + 1].count())


def counts_by_status(member: Membership) -> dict[Status, Capped]:
    """How many transactions of the organization are in each status; one statement, cheap at any number."""
    if member.is_limited:
        mine = visible_transactions(member)
        return {status: capped(mine.filter(status=status)) for status in Status}
    with connection.cursor() as cursor:
        cursor.execute(
            statement("counts_by_status"),
            {
                "organization": member.organization_id,
                "statuses": [status.value for status in Status],
                "most": CEILING + 1,
            },
        )
        return {Status(status): Capped(count) for status, count in cursor.fetchall()}


def counts_of_operation(member: Membership, operation_id: UUID) -> dict[str, int]:
    """How many of the transactions that an operation made are in each status."""
    made = visible_transactions(member).filter(batch__operation_id=operation_id)
    return dict(made.order_by().values_list("status").annotate(Count("pk")).order_by("status"))


class Awaited(NamedTuple):
    """How many transactions, and batches, wait for a person, by what for; each leads to a list as long."""

    ready: Capped
    action_required: Capped
    rejected: Capped
    due_soon: Capped
    in_review: Capped


def awaited(member: Membership, *, today: date) -> Awaited:
    """What waits for a person, in one statement; in five for who is limited to agencies."""
    if member.is_limited:
        mine, batches = visible_transactions(member), Batch.objects.visible_to(member, Permission.READ)
        held = mine.filter(status=Status.HELD, file_by__lte=today + SOON)
        of = [mine.filter(status=Status.READY, released_at=None)]
        of += [mine.filter(status=status) for status in (Status.ACTION_REQUIRED, Status.REJECTED)]
        return Awaited(*map(capped, [*of, held, batches.filter(state=BatchState.IN_REVIEW)]))
    with connection.cursor() as cursor:
        cursor.execute(
            statement("awaited"),
            {"organization": member.organization_id, "due": today + SOON, "most": CEILING + 1},
        )
        return Awaited(*map(Capped, cursor.fetchone()))


class Fees(NamedTuple):
    """What transactions cost, in cents: the sum of what is known, and of how many something is unknown."""

    state: int
    registry: int
    unknown: int
    transactions: int

    @property
    def cents(self) -> int:
        """All that is known."""
        return self.state + self.registry

    @property
    def is_known(self) -> bool:
        """Whether the sum is all there is."""
        return not self.unknown


def estimated(transactions: QuerySet[Any]) -> Fees:
    """What the transactions were estimated to cost."""
    return _fees(transactions, "state_fee", "registry_fee")


def charged(transactions: QuerySet[Any]) -> Fees:
    """What was charged for those of the transactions that were accepted."""
    accepted = transactions.filter(status=Status.ACCEPTED)
    return _fees(accepted, "state_fee_charged", "registry_fee_charged")


def _fees(transactions: QuerySet[Any], state: str, registry: str) -> Fees:
    unknown = Q(**{f"{state}__isnull": True}) | Q(**{f"{registry}__isnull": True})
    told = transactions.order_by().aggregate(
        state=Sum(state), registry=Sum(registry), unknown=Count("pk", filter=unknown), all=Count("pk")
    )
    return Fees(told["state"] or 0, told["registry"] or 0, told["unknown"], told["all"])


@dataclass(frozen=True, slots=True)
class Record:
    """All that is kept of one transaction. `failures` are the checks that it did not pass, with their params.

    `appointments` and `transactions` are those that stood in its way, by id and by number.
    """

    transaction: Transaction
    failures: Mapping[str, Mapping[str, Any]]
    changes: list[StatusChange]
    attempts: list[Attempt]
    retries: list[Transaction]
    appointments: Mapping[int, Appointment]
    transactions: Mapping[int, Transaction]

    @property
    def estimated(self) -> Fees:
        """What it was estimated to cost."""
        one = self.transaction
        return _fees_of(one.state_fee, one.registry_fee)

    @property
    def charged(self) -> Fees | None:
        """What was charged; None where it did not come to that."""
        one = self.transaction
        if one.status != Status.ACCEPTED:
            return None
        return _fees_of(one.state_fee_charged, one.registry_fee_charged)


def _fees_of(state: int | None, registry: int | None) -> Fees:
    return Fees(state or 0, registry or 0, int(state is None or registry is None), 1)


def record_of(transaction: Transaction, member: Membership) -> Record:
    """All that is kept of a transaction that the member may read; five queries at most."""
    failures = {str(code): params for code, params in transaction.failures}
    changes = StatusChange.objects.filter(transaction=transaction).select_related("by")
    return Record(
        transaction,
        failures,
        list(changes.order_by("-id")),
        list(Attempt.objects.filter(transaction=transaction).order_by("-id")),
        list(transaction.retries.order_by("id")),
        _standing_appointments(member, _named(failures, "appointment")),
        _standing_transactions(member, _named(failures, "transaction")),
    )


def _named(failures: Mapping[str, Mapping[str, Any]], name: str) -> set[int]:
    return {params[name] for params in failures.values() if isinstance(params.get(name), int)}


def _standing_appointments(member: Membership, ids: Iterable[int]) -> dict[int, Appointment]:
    found = Appointment.objects.visible_to(member, Permission.READ).filter(pk__in=list(ids)) if ids else ()
    return {one.pk: one for one in found}


def _standing_transactions(member: Membership, numbers: Iterable[int]) -> dict[int, Transaction]:
    found = visible_transactions(member).filter(number__in=list(numbers)) if numbers else ()
    return {one.number: one for one in found}
