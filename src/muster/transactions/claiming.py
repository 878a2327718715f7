"""Claiming what is to be filed: judged again, given its key, and on record before anything is sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils.timezone import localdate

from muster.appointments.models import Appointment
from muster.core.faults import told_without_data
from muster.core.transactions import WAITING, Status
from muster.history.context import changing
from muster.history.models import Source
from muster.registry.operations import only_one
from muster.registry.port import Filing
from muster.transactions.batching import settle_batches
from muster.transactions.models import Transaction
from muster.transactions.settling import PUT_OFF, take_effect
from muster.transactions.sql import statement

log = logging.getLogger(__name__)

# One number for "somebody files"; it lives in the database from which is filed.
FILING_LOCK = 0x6D75737465720003

JUDGED_AGAIN = "It was judged again just before it was to be sent."
NOT_JUDGED = "Muster came upon a fault of its own when it judged this again; it will try once more."
CUT_OFF = "Muster was stopped before the registry answered. The registry will be asked whether it arrived."


class Judged(Protocol):
    """What judging says of a transaction."""

    @property
    def status(self) -> Status: ...

    @property
    def reason(self) -> str: ...

    @property
    def failures(self) -> Sequence[Any] | None: ...


class Judge(Protocol):
    """Judges transactions again, in the caller's transaction of the database; by id."""

    def __call__(self, *, ids: Sequence[int], today: date) -> Mapping[int, Judged]: ...


@dataclass(frozen=True, slots=True)
class Claim:
    """A transaction that a drain has taken, and the call that begins with it.

    `waited` is the status in which it waited, `attempts` how often it was claimed, this time included.
    `claimed_at` tells its claim from every other, earlier or later.
    """

    transaction_id: int
    organization_id: int
    producer_id: int
    attempt_id: int
    key: UUID
    waited: Status
    attempts: int
    claimed_at: datetime
    filing: Filing


@dataclass(frozen=True, slots=True)
class Claimed:
    """What there is to send, and how many were dealt with that there is nothing to send of."""

    claims: list[Claim]
    dropped: int = 0


def filing_lock() -> AbstractContextManager[bool]:
    """Give whether this connection may file; at most one does at any time."""
    return only_one(FILING_LOCK)


def claim(*, limit: int, judge: Judge, now: datetime) -> Claimed:
    """Take up to `limit` that were released and are due, shared fairly among organizations.

    Each is judged again. What may not be sent any more, or is only recorded by now, is dealt with here. What
    is claimed is on disk when this returns.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement("due_filings"), {"limit": limit, "now": now})
        due = cursor.fetchall()
    return _claim(due, judge, now) if due else Claimed([])


def _claim(due: Sequence[tuple[int, int]], judge: Judge, now: datetime) -> Claimed:
    try:
        with transaction.atomic(), connection.cursor() as cursor, changing(source=Source.MUSTER, at=now):
            return _claim_free(cursor, due, judge, now)
    except (DatabaseError, InterfaceError):
        raise
    except Exception as error:
        if len(due) == 1:
            # One that cannot be judged holds up nobody.
            log.error("Transaction %s cannot be judged: %s", due[0][0], told_without_data(error))
            with connection.cursor() as cursor:
                cursor.execute(
                    statement("put_off"),
                    {"id": due[0][0], "later": now + PUT_OFF, "note": NOT_JUDGED, "now": now},
                )
            return Claimed([], 1)
    middle = len(due) // 2
    first, second = _claim(due[:middle], judge, now), _claim(due[middle:], judge, now)
    return Claimed(first.claims + second.claims, first.dropped + second.dropped)


def _claim_free(cursor: Any, due: Sequence[tuple[int, int]], judge: Judge, now: datetime) -> Claimed:
    cursor.execute(statement("free_producers"), {"ids": sorted({producer_id for _, producer_id in due})})
    producers = [producer_id for (producer_id,) in cursor.fetchall()]
    cursor.execute(
        statement("free_filings"),
        {"ids": [filing for filing, _ in due], "producers": producers, "now": now},
    )
    ids = [filing for (filing,) in cursor.fetchall()]
    if not ids:
        return Claimed([])
    judged = judge(ids=ids, today=localdate(now))
    good = [filing for filing in ids if judged[filing].status in WAITING]
    dropped = [filing for filing in ids if judged[filing].status not in WAITING]
    _drop(cursor, dropped, judged, now)
    cursor.execute(statement("claim_filings"), {"ids": good, "now": now})
    claims = [_claim_of(row) for row in cursor.fetchall()]
    return Claimed(claims, len(dropped))


def _claim_of(row: tuple[Any, ...]) -> Claim:
    filing, organization, producer, attempt, key, waited, attempts, claimed_at, *content, lines = row
    filed = Filing(*content)._replace(lines=tuple(map(tuple, json.loads(lines))))
    return Claim(filing, organization, producer, attempt, key, Status(waited), attempts, claimed_at, filed)


def _drop(cursor: Any, ids: Sequence[int], judged: Mapping[int, Judged], now: datetime) -> None:
    """Write of what is not to be sent what it was judged to be."""
    if not ids:
        return
    cursor.execute(
        statement("drop_filings"),
        {
            "ids": list(ids),
            "statuses": [judged[filing].status.value for filing in ids],
            "reasons": [judged[filing].reason for filing in ids],
            "failures": [json.dumps(list(judged[filing].failures or ())) for filing in ids],
            "notes": [JUDGED_AGAIN] * len(ids),
            "now": now,
        },
    )
    batches = [batch_id for (batch_id,) in cursor.fetchall()]
    take_effect(
        ids=[filing for filing in ids if judged[filing].status is Status.RECORDED],
        origin=Appointment.Origin.INTERNAL.value,
        source=Source.MUSTER,
        now=now,
    )
    settle_batches(ids=batches)


def adopt(*, quiet: timedelta, now: datetime) -> int:
    """Take over what a drain that died was sending, to be asked about; only for who holds the filing lock.

    `quiet` is how long an answer can be under way. Returns how many there were.
    """
    told: dict[str, Any] = {"quiet": quiet, "note": CUT_OFF, "now": now}
    with transaction.atomic(), changing(source=Source.MUSTER, at=now), connection.cursor() as cursor:
        cursor.execute(statement("adopt_filings"), told)
        adopted: int = cursor.rowcount
        return adopted


def has_work(*, now: datetime) -> bool:
    """Whether something is to be sent, or is being sent, by whomever."""
    due = filing_due_at()
    return (due is not None and due <= now) or Transaction.objects.filter(status=Status.SUBMITTING).exists()


def filing_due_at() -> datetime | None:
    """When the next one is to be sent; None if none is."""
    with connection.cursor() as cursor:
        cursor.execute(statement("filing_due_at"))
        found: datetime | None = cursor.fetchone()[0]
        return found
