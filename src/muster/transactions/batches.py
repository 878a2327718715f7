"""Reading batches: the list by state, one with its transactions counted, and what may be done with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.core.transactions import OPEN, WAITING, BatchState, Status, number_read
from muster.lists.keyset import CEILING, Order, Page, page_of
from muster.producers.queries import UNSEEN_OF_PRODUCER, of_producers_found
from muster.transactions.models import Batch, Transaction
from muster.transactions.queries import Capped, Fees, capped, charged, estimated
from muster.transactions.sql import statement

PAGE = 50
NEWEST_FIRST = Order(("number",), descending=True)


@dataclass(frozen=True, slots=True)
class BatchSelection:
    """What is asked of the list of batches. Empty means: all of them, the newest first.

    `search` is a number such as GB-00000001, or as in the list of producers; `state` is a `BatchState`.
    """

    search: str = ""
    state: str = ""
    mine: bool = False

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return self != BatchSelection()


@dataclass(frozen=True, slots=True)
class Counts:
    """The transactions of a batch by status; `queued` are those that wait and were let go to the registry."""

    by_status: dict[Status, int]
    queued: int

    @property
    def total(self) -> int:
        return sum(self.by_status.values())

    @property
    def waiting(self) -> int:
        """Those that can still be let go."""
        return self.of(*WAITING) - self.queued

    @property
    def open(self) -> int:
        """Those of which something is still awaited."""
        return self.of(*OPEN)

    def of(self, *statuses: Status) -> int:
        return sum(self.by_status.get(status, 0) for status in statuses)


@dataclass(frozen=True, slots=True)
class Line:
    """A batch in the list, with its transactions counted."""

    batch: Batch
    counts: Counts


@dataclass(frozen=True, slots=True)
class Sums:
    """What a batch costs: all that is still to be filed, and what was charged for what is done."""

    to_come: Fees
    charged: Fees


def visible_batches(member: Membership) -> OrganizationQuerySet:
    """The batches that the member may read."""
    batches: OrganizationQuerySet = Batch.objects.visible_to(member, Permission.READ)
    return batches


def matching_batches(
    batches: OrganizationQuerySet, member: Membership, selection: BatchSelection
) -> OrganizationQuerySet:
    """Those of the batches that the selection asks for."""
    if selection.state:
        batches = batches.filter(state=selection.state)
    if selection.mine:
        batches = batches.filter(prepared_by=member.user_id)
    typed = selection.search.strip().upper()
    if typed.startswith(("GB-", "0")) and (number := number_read(typed)) is not None:
        return batches.filter(number=number)
    return of_producers_found(batches, member, selection.search)


def batch_page(
    member: Membership,
    selection: BatchSelection,
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE,
) -> tuple[list[Line], Page]:
    """One page of the batches that the selection asks for."""
    everything = visible_batches(member)
    page = page_of(
        matching_batches(everything, member, selection),
        among=everything,
        order=NEWEST_FIRST,
        size=size,
        after=after,
        before=before,
    )
    rows = everything.filter(number__in=page.keys).select_related("producer", "prepared_by")
    found = {batch.number: batch for batch in rows.defer("request", "facts", *UNSEEN_OF_PRODUCER)}
    batches = [found[number] for number in page.keys if number in found]
    counts = counts_of(batches)
    return [Line(batch, counts[batch.pk]) for batch in batches], page


def counts_of(batches: Sequence[Batch]) -> dict[int, Counts]:
    """The transactions of each of the batches by status, in one query."""
    rows = Transaction.objects.filter(batch__in=batches).order_by().values_list("batch_id", "status")
    by_status: dict[int, dict[Status, int]] = defaultdict(dict)
    queued: dict[int, int] = defaultdict(int)
    is_queued = Q(released_at__isnull=False, status__in=WAITING)
    for batch_id, status, count, let_go in rows.annotate(
        all=Count("pk"), queued=Count("pk", filter=is_queued)
    ):
        by_status[batch_id][Status(status)] = count
        queued[batch_id] += let_go
    return {batch.pk: Counts(by_status[batch.pk], queued[batch.pk]) for batch in batches}


def counts_by_batch_state(member: Membership) -> dict[BatchState, Capped]:
    """How many batches of the organization are in each state; one statement, cheap at any number."""
    if member.is_limited:
        mine = visible_batches(member)
        return {state: capped(mine.filter(state=state)) for state in BatchState}
    with connection.cursor() as cursor:
        cursor.execute(
            statement("counts_by_batch_state"),
            {
                "organization": member.organization_id,
                "states": [state.value for state in BatchState],
                "most": CEILING + 1,
            },
        )
        return {BatchState(state): Capped(count) for state, count in cursor.fetchall()}


def sums_of(batch: Batch) -> Sums:
    """What the batch costs, in two queries."""
    transactions = Transaction.objects.filter(batch=batch)
    return Sums(estimated(transactions.filter(status__in=OPEN)), charged(transactions))
