"""Removing producers, having them wait for it, taking them up again: set-based, for one and for thousands.

Each of these is part of the caller's transaction, which says by whom and where from (`changing`). Producers
are locked first, in the order of their ids, then transactions, then batches, as all writers do.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from muster.audit.operations import EventKind, record
from muster.bulk.deadlocks import again_after_deadlock
from muster.history.context import changing
from muster.history.models import Source
from muster.licenses.models import PaymentSetup
from muster.offboarding.queries import may_leave, standings_of
from muster.offboarding.sql import statement
from muster.portals.operations import close_seats
from muster.producers.models import Leaving
from muster.registry.queue import defer_alerts, defer_sync
from muster.scorecards.queue import judge_again
from muster.transactions.facts import lock_producers
from muster.transactions.giving_up import give_up_unsent

RECORDED_IDS = 1000
"""How many producers of one event are named in it; their number always is."""

AT_ONCE = 500
"""Producers who have waited are removed so many at a time."""

TRIES = 3

REMOVED = "The producer was removed."
"""Why what was not sent is given up."""


def remove(
    *,
    organization_id: int,
    producer_ids: Collection[int],
    by_id: int | None,
    operation_id: UUID | None,
    now: datetime,
) -> set[int]:
    """Remove producers from their organization at once, on record; return who was: twice is once.

    They leave all lists, are watched no longer, and nothing that was not sent is filed for them; what ends
    their appointments goes on. All that is known of them stays, as history.
    """
    if not producer_ids:
        return set()
    lock_producers(producer_ids)
    gone = _written("remove", organization_id, producer_ids, by_id, operation_id, now)
    if not gone:
        return gone
    give_up_unsent(producer_ids=gone, note=REMOVED)
    with connection.cursor() as cursor:
        cursor.execute(statement("unjudge"), {"ids": sorted(gone)})
    close_seats(
        organization_id=organization_id, producer_ids=gone, by_id=by_id, operation_id=operation_id, now=now
    )
    _record(EventKind.PRODUCERS_REMOVED, organization_id, gone, by_id, operation_id)
    # The registry's list of whom to watch follows within minutes.
    defer_alerts()
    return gone


def wait_to_remove(
    *,
    organization_id: int,
    producer_ids: Collection[int],
    by_id: int | None,
    operation_id: UUID | None,
    now: datetime,
) -> set[int]:
    """Have producers, who are locked, removed once their terminations are accepted, on record; return who."""
    if not producer_ids:
        return set()
    waits = _written("wait", organization_id, producer_ids, by_id, operation_id, now)
    if waits:
        _record(EventKind.REMOVAL_WAITS, organization_id, waits, by_id, operation_id)
    return waits


def call_off(
    *, organization_id: int, producer_ids: Collection[int], by_id: int | None, operation_id: UUID | None
) -> set[int]:
    """Have producers stay who wait to be removed, on record; return who: twice is once."""
    if not producer_ids:
        return set()
    lock_producers(producer_ids)
    waits = Leaving.objects.filter(organization_id=organization_id, producer_id__in=producer_ids)
    stay = set(waits.values_list("producer_id", flat=True))
    if stay:
        waits.filter(producer_id__in=stay).delete()
        _record(EventKind.REMOVAL_CALLED_OFF, organization_id, stay, by_id, operation_id)
    return stay


def reopen(
    *,
    organization_id: int,
    producer_ids: Collection[int],
    by_id: int | None,
    operation_id: UUID | None,
    now: datetime,
) -> set[int]:
    """Take up producers again who were removed, as the start of another time here; return who.

    They are in all lists again, watched, and queued for sync. What there was of them before is linked by
    their record, which is the same one.
    """
    if not producer_ids:
        return set()
    lock_producers(producer_ids)
    back = _written("reopen", organization_id, producer_ids, by_id, operation_id, now)
    if back:
        # What was chosen in the time before is chosen anew: until then nothing is renewed by itself.
        PaymentSetup.objects.filter(producer_id__in=back).update(
            auto_renewal=False, updated_at=now, updated_by_id=by_id
        )
        _record(EventKind.PRODUCERS_ADDED_AGAIN, organization_id, back, by_id, operation_id)
        judge_again(producer_ids=sorted(back))
        defer_sync()
        defer_alerts()
    return back


def remove_who_waited(*, now: datetime) -> int:
    """Remove those who wait and for whom nothing is waited any more; return how many were removed.

    Safe to run twice, at once, and after a kill: each goes in one transaction, or not at all.
    """
    removed: set[int] = set()
    after = 0
    while found := list(may_leave(after=after, limit=AT_ONCE)):
        after = found[-1][0]
        asked: dict[tuple[Any, ...], list[int]] = {}
        for producer_id, *of in found:
            asked.setdefault(tuple(of), []).append(producer_id)
        for (organization_id, by_id, operation_id), ids in asked.items():
            again_after_deadlock(
                partial(_remove_if_still, organization_id, by_id, operation_id, ids, now, removed),
                tries=TRIES,
            )
    return len(removed)


def _remove_if_still(
    organization_id: int,
    by_id: int | None,
    operation_id: UUID | None,
    ids: list[int],
    now: datetime,
    removed: set[int],
) -> None:
    with (
        transaction.atomic(),
        changing(source=Source.MUSTER, by_id=by_id, operation_id=operation_id, at=now),
    ):
        # Whoever files, or calls a removal off, has the producers locked: what is read now holds.
        lock_producers(ids)
        still = [
            producer_id
            for producer_id, one in standings_of(organization_id, ids).items()
            if one.is_leaving and not one.is_waited_for
        ]
        gone = remove(
            organization_id=organization_id,
            producer_ids=still,
            by_id=by_id,
            operation_id=operation_id,
            now=now,
        )
    removed |= gone


def _written(
    name: str,
    organization_id: int,
    ids: Collection[int],
    by_id: int | None,
    operation_id: UUID | None,
    now: datetime,
) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement(name),
            {
                "organization": organization_id,
                "ids": sorted(ids),
                "by": by_id,
                "operation": operation_id,
                "now": now,
            },
        )
        return {producer_id for (producer_id,) in cursor.fetchall()}


def _record(
    kind: EventKind, organization_id: int, ids: Collection[int], by_id: int | None, operation_id: UUID | None
) -> None:
    told = sorted(ids)
    record(
        kind,
        organization_id=organization_id,
        by_id=by_id,
        operation_id=operation_id,
        subject=f"producer:{told[0]}" if len(told) == 1 else "",
        data={"producers": len(told), "ids": told[:RECORDED_IDS]},
    )
