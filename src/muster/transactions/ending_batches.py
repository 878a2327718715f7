"""Writing the ends of appointments as transactions, in the batches that were chosen for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from muster.appointments.models import Appointment
from muster.bulk.store import as_json
from muster.core.rules.reasons import termination_reasons
from muster.core.terminating import Asked, Batching
from muster.core.transactions import BatchState, Status
from muster.transactions.batching import settle_batches
from muster.transactions.ending import KIND, Ends, Priced
from muster.transactions.holding_back import Budget
from muster.transactions.models import Batch, Transaction
from muster.transactions.queue import defer_filing
from muster.transactions.settling import take_effect
from muster.transactions.sql import statement
from muster.transactions.terms import Setup
from muster.transactions.writing import (
    BATCH_COLUMNS,
    BATCH_TYPES,
    TRANSACTION_COLUMNS,
    TRANSACTION_TYPES,
    Written,
)

ENDING_COLUMNS = f"{TRANSACTION_COLUMNS}, termination_reason, for_cause, request_note"
ENDING_TYPES = (*TRANSACTION_TYPES, "text", "bool", "text")

GROWS = (BatchState.DRAFT, BatchState.SUBMITTED, BatchState.DONE)
"""A batch in one of these, which nobody has looked at, takes what else its operation writes."""

Place = tuple[str, str]


class Author(NamedTuple):
    """Who writes: for which operation, on whose behalf, and who lets it go; None: it waits for release.

    `mended_by` is who else has changed what is asked for: a preparer, too, of what is filed.
    """

    operation_id: UUID | None
    by_id: int | None
    released_by: int | None = None
    mended_by: int | None = None


def write_endings(
    found: Iterable[Ends],
    *,
    setup: Setup,
    author: Author,
    now: datetime,
    batching: Batching = Batching.STATE_AND_COMPANY,
    budget: Budget | None = None,
) -> dict[int, Written]:
    """Write what requests come to in the caller's transaction; say what became of each, by its row number.

    What an operation writes in several goes comes into the same batches, unless somebody has begun to review
    them. The producers must be locked by the caller. A constant number of statements.
    """
    requests = list(found)
    written = {one.asked.row_no: Written() for one in requests}
    by_place: dict[Place, list[tuple[Asked, Priced]]] = {}
    for one in requests:
        for priced in one.priced:
            listed = priced.ending.listed
            by_place.setdefault(batching.place(listed.state, listed.cocode), []).append((one.asked, priced))
    if not by_place:
        return written
    if author.released_by is not None and not _fits(requests, budget or Budget(None, None)):
        author = author._replace(released_by=None)
    ids, last = _batches(by_place, setup, author, batching)
    count = sum(map(len, by_place.values()))
    number = last - count
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY transactions_transaction ({ENDING_COLUMNS}) FROM STDIN") as copy,
    ):
        copy.set_types(ENDING_TYPES)
        for one in requests:
            became = written[one.asked.row_no]
            for priced in one.priced:
                number += 1
                became.first = became.first or number
                became.statuses[priced.status.value] += 1
                became.released += author.released_by is not None and priced.status is Status.READY
                listed = priced.ending.listed
                batch_id = ids[batching.place(listed.state, listed.cocode)]
                copy.write_row(_transaction(one.asked, priced, batch_id, number, setup, author, now))
    _follow(by_place, ids, author)
    if any(became.statuses[Status.RECORDED.value] for became in written.values()):
        mine = Transaction.objects.filter(organization_id=setup.organization_id)
        recorded = mine.filter(number__gt=last - count, number__lte=last, status=Status.RECORDED)
        take_effect(
            ids=list(recorded.order_by("id").values_list("id", flat=True)),
            origin=Appointment.Origin.INTERNAL.value,
            source=None,
            now=now,
        )
    if any(became.released for became in written.values()):
        defer_filing()
    return written


def _fits(requests: Sequence[Ends], budget: Budget) -> bool:
    filed = [priced for one in requests for priced in one.priced if priced.status is Status.READY]
    return budget.take(len(filed), sum((one.state_fee or 0) + (one.registry_fee or 0) for one in filed))


def _batches(
    by_place: dict[Place, list[tuple[Asked, Priced]]], setup: Setup, author: Author, batching: Batching
) -> tuple[dict[Place, int], int]:
    """The id of the batch for each place, new or growing, and the last number of the transactions."""
    ids = _growing(setup.organization_id, author, batching) if author.operation_id else {}
    new = [place for place in by_place if place not in ids]
    with connection.cursor() as cursor:
        cursor.execute(
            statement("take_numbers"),
            {
                "organization": setup.organization_id,
                "batches": len(new),
                "transactions": sum(map(len, by_place.values())),
            },
        )
        last_batch, last = cursor.fetchone()
        if new:
            cursor.execute(statement("take_batch_ids"), [len(new)])
            ids |= dict(zip(new, (batch_id for (batch_id,) in cursor.fetchall()), strict=True))
            with cursor.copy(f"COPY transactions_batch ({BATCH_COLUMNS}) FROM STDIN") as copy:
                copy.set_types(BATCH_TYPES)
                for number, place in enumerate(new, last_batch - len(new) + 1):
                    some = by_place[place]
                    copy.write_row(_batch(place, some, ids[place], number, setup, author, batching))
    return {place: ids[place] for place in by_place}, last


def _growing(organization_id: int, author: Author, batching: Batching) -> dict[Place, int]:
    """The batches that take what else the operation writes, locked."""
    batches = Batch.objects.filter(
        organization_id=organization_id,
        operation_id=author.operation_id,
        kind=KIND,
        state__in=GROWS,
        reviewed_by=None,
        request__batches=batching.value,
    )
    locked = batches.order_by("id").select_for_update(no_key=True)
    return {
        (state, cocode): batch_id
        for batch_id, state, cocode in locked.values_list("id", "jurisdiction", "cocode")
    }


def _state(some: Iterable[tuple[Asked, Priced]], author: Author) -> BatchState:
    if not any(priced.status is Status.READY for _, priced in some):
        return BatchState.DONE
    return BatchState.DRAFT if author.released_by is None else BatchState.SUBMITTED


def _follow(by_place: dict[Place, list[tuple[Asked, Priced]]], ids: dict[Place, int], author: Author) -> None:
    """Have batches that have grown tell whose they are, and where they stand."""
    places = {batch_id: by_place[place] for place, batch_id in ids.items()}
    several, moved = [], []
    batches = Batch.objects.filter(pk__in=places)
    for batch_id, producer_id, state in batches.values_list("pk", "producer_id", "state"):
        some = places[batch_id]
        if producer_id and any(asked.producer_id != producer_id for asked, _ in some):
            several.append(batch_id)
        if state != _state(some, author):
            moved.append(batch_id)
    if several:
        Batch.objects.filter(pk__in=several).update(producer=None)
    if moved:
        settle_batches(ids=moved)


def _batch(
    place: Place,
    some: Sequence[tuple[Asked, Priced]],
    batch_id: int,
    number: int,
    setup: Setup,
    author: Author,
    batching: Batching,
) -> tuple[Any, ...]:
    state, cocode = place
    producers = {asked.producer_id for asked, _ in some}
    return (
        batch_id,
        setup.organization_id,
        number,
        KIND.value,
        _state(some, author).value,
        producers.pop() if len(producers) == 1 else None,
        state,
        cocode,
        some[0][1].ending.listed.company_name if cocode else "",
        as_json({"batches": batching.value}),
        as_json({"today": str(setup.today)}),
        None,
        None,
        setup.book.short_version,
        author.operation_id,
        None,
        author.by_id,
    )


def _transaction(
    asked: Asked,
    priced: Priced,
    batch_id: int,
    number: int,
    setup: Setup,
    author: Author,
    now: datetime,
) -> tuple[Any, ...]:
    one = priced.ending.listed
    released_by = author.released_by if priced.status is Status.READY else None
    released_at = None if released_by is None else now
    return (
        setup.organization_id,
        batch_id,
        number,
        KIND.value,
        priced.status.value,
        "",
        "[]",
        asked.producer_id,
        one.state,
        one.cocode,
        one.company_name,
        one.line_code,
        one.line_name,
        [],
        "",
        None,
        "",
        one.county,
        "",
        priced.ending.on,
        False,
        priced.state_fee,
        priced.registry_fee,
        author.mended_by or author.by_id,
        released_by,
        released_at,
        released_at,
        now if priced.status is Status.RECORDED else None,
        # As the registry names it.
        termination_reasons().get(priced.ending.reason, priced.ending.reason),
        asked.for_cause,
        asked.note,
    )
