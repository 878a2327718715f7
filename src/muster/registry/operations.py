"""The queue of the sync, which is the producer table itself: queuing, claiming, setting back, pausing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.audit.models import Event
from muster.audit.operations import EventKind, record
from muster.core.report import Kind
from muster.core.sync import REASONS, AfterFailure, Failure, reason
from muster.producers.models import Producer, SyncStatus
from muster.registry.models import Pause, RegistryPause
from muster.registry.queue import defer_sync
from muster.registry.sql import statement

RECORDED_IDS = 1000
"""How many producers of one resync are named in the event log; their number always is."""

# One number for "somebody drains the queue"; it lives in the database that is drained.
DRAIN_LOCK = 0x6D75737465720001


@dataclass(slots=True)
class Claim:
    """A producer that a drain has taken. `claimed_at` tells its claim from every other, earlier or later."""

    producer_id: int
    npn: str
    kind: Kind
    attempts: int
    claimed_at: datetime
    throttles: int = field(default=0)


@dataclass(frozen=True, slots=True)
class SetBack:
    """What becomes of a claimed producer that got no report."""

    claim: Claim
    status: AfterFailure
    reason: str
    attempts: int
    next_at: datetime | None


def queue_for_sync(*, producers: OrganizationQuerySet, now: datetime) -> int:
    """Queue producers for sync and start it when this transaction commits; return how many.

    Those that are being synced this moment are queued when their answer, which may be from before, is stored.
    An import that inserts producers as queued, with `sync_next_at`, calls `defer_sync` instead.
    """
    return _queue(producers, now).count


def resync(*, member: Membership, producers: OrganizationQuerySet, now: datetime) -> int:
    """Queue those of the producers that the member may sync, on record; return how many.

    Those that are being synced this moment are left alone: what a person asks for is under way.
    """
    mine = producers.visible_to(member, Permission.SYNC).exclude(sync_status=SyncStatus.PROCESSING)
    with transaction.atomic():
        queued = _queue(mine, now)
        if queued.count:
            record(
                EventKind.PRODUCER_RESYNC,
                organization_id=member.organization_id,
                by_id=member.user_id,
                subject=f"producer:{queued.first_ids[0]}" if queued.count == 1 else "",
                data={"producers": queued.count, "ids": queued.first_ids},
            )
    return queued.count


@dataclass(frozen=True, slots=True)
class Queued:
    """How many producers were queued, and the ids of the first RECORDED_IDS of them."""

    count: int
    first_ids: list[int]


def _queue(producers: OrganizationQuerySet, now: datetime) -> Queued:
    # Locked in the order of their ids, so that two writers never wait for each other.
    chosen = (
        Producer.objects.filter(id__in=producers.values("id"), removed_at=None)
        .order_by("id")
        .select_for_update(no_key=True)
        .values("id")
    )
    with transaction.atomic(), connection.cursor() as cursor:
        try:
            sql, values = chosen.query.sql_with_params()
        except EmptyResultSet:
            return Queued(0, [])
        cursor.execute(statement("queue").format(chosen=sql), [*values, now, now, RECORDED_IDS])
        queued = Queued(*cursor.fetchone())
        if queued.count:
            defer_sync()
    return queued


@contextmanager
def only_one(number: int) -> Iterator[bool]:
    """Give whether this connection has the lock of this number; at most one has, and it dies with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        [held] = cursor.fetchone()
    try:
        yield held
    finally:
        if held and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def drain_lock() -> AbstractContextManager[bool]:
    """Give whether this connection may drain; at most one does at any time."""
    return only_one(DRAIN_LOCK)


def claim(*, limit: int, now: datetime) -> list[Claim]:
    """Take up to `limit` producers that are due, shared fairly among organizations."""
    with transaction.atomic(), connection.cursor() as cursor:
        forget_on_crash(cursor)
        cursor.execute(statement("claim"), {"limit": limit, "now": now})
        return [Claim(*row) for row in cursor.fetchall()]


def forget_on_crash(cursor: Any) -> None:
    """Do not wait until this transaction is on disk.

    If the database server itself dies, the last half second may be lost: those producers are synced again.
    """
    cursor.execute("SET LOCAL synchronous_commit = off")


def release_orphans(*, now: datetime) -> int:
    """Queue again what a drain that died had claimed; only for who holds the drain lock."""
    with connection.cursor() as cursor:
        cursor.execute(statement("release"), {"now": now})
        released: int = cursor.rowcount
        return released


def set_back(*, producers: Sequence[SetBack], now: datetime) -> int:
    """Write what became of claimed producers that got no report; return how many were still ours."""
    if not producers:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            statement("set_back"),
            {
                "ids": [one.claim.producer_id for one in producers],
                "claims": [one.claim.claimed_at for one in producers],
                "statuses": [one.status.value for one in producers],
                "reasons": [one.reason for one in producers],
                "attempts": [one.attempts for one in producers],
                "next": [one.next_at for one in producers],
                "now": now,
            },
        )
        return cursor.rowcount


def due_at() -> datetime | None:
    """When the next producer is due; None if none waits."""
    with connection.cursor() as cursor:
        cursor.execute(statement("due_at"))
        found: datetime | None = cursor.fetchone()[0]
        return found


def sweep(*, now: datetime) -> bool:
    """Queue again what a dead drain had claimed, and start a drain if one is needed; return whether it is.

    Safe to run twice, and beside a drain: that one holds the lock, and there is nothing to mend.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [DRAIN_LOCK])
        if not cursor.fetchone()[0]:
            return False
        release_orphans(now=now)
        due = due_at()
        needed = due is not None and due <= now and not paused_until(now=now)
        if needed:
            defer_sync()
        return needed


def pause(
    *,
    seconds: float,
    failure: Failure,
    now: datetime,
    of: type[Pause] = RegistryPause,
    sentences: Mapping[Failure, str] = REASONS,
) -> datetime:
    """Ask nothing of the registry, or of another service of its kind, for a while; return until when."""
    until = now + timedelta(seconds=seconds)
    why = reason(failure, sentences=sentences)
    told: dict[str, Any] = {"until": until, "failure": failure.value, "reason": why}
    of._default_manager.update_or_create(
        is_the_one=True, defaults=told, create_defaults={**told, "since": now}
    )
    return until


def paused_until(*, now: datetime, of: type[Pause] = RegistryPause) -> datetime | None:
    """Until when the registry is left alone, if it is."""
    until: datetime | None = of._default_manager.filter(until__gt=now).values_list("until", flat=True).first()
    return until


def end_pause(*, of: type[Pause] = RegistryPause) -> None:
    """The registry may be asked again: it has answered, or a person says so."""
    of._default_manager.all().delete()


def record_refusal(*, claims: Sequence[Claim]) -> None:
    """Tell every organization concerned, on record, that the registry refused our user name or password."""
    ids = Producer.objects.filter(id__in=[one.producer_id for one in claims])
    Event.objects.bulk_create(
        Event(
            kind=EventKind.SYNC_REFUSED,
            organization_id=organization_id,
            data={"reason": reason(Failure.UNAUTHORIZED)},
        )
        for organization_id in ids.order_by().values_list("organization_id", flat=True).distinct()
    )
