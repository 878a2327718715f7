"""What each answer of the registry does, set-wise: to transactions, appointments, fees and batches."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils.timezone import localdate

from muster.bulk.deadlocks import again_after_deadlock
from muster.core.faults import told_without_data
from muster.core.gateway import DECIDED
from muster.core.transactions import ENDED, Status
from muster.history.context import changing
from muster.history.models import Source
from muster.offboarding.queue import look_who_leaves
from muster.producers.models import Producer
from muster.registry.operations import queue_for_sync
from muster.registry.port import Standing
from muster.scorecards.queue import judge_again
from muster.transactions.batching import settle_batches
from muster.transactions.sql import statement

log = logging.getLogger(__name__)

TRIES = 3

PUT_OFF = timedelta(minutes=15)
"""How long what cannot be written is left alone."""


class Told(NamedTuple):
    """What one call has come to.

    `before` and `claimed_at` are what the transaction was when the call was made: if it is something else by
    now, nothing is written. `attempt_id` is None of a call that is not kept; `outcome` and `words` say in it
    what it came to.
    """

    transaction_id: int
    producer_id: int
    before: Status
    claimed_at: datetime
    status: Status
    next_at: datetime | None = None
    note: str = ""
    standing: Standing | None = None
    attempt_id: int | None = None
    outcome: str = ""
    words: str = ""


def settle(told: Sequence[Told], *, now: datetime) -> None:
    """Write what calls have come to, in one transaction of the database.

    Accepted appointments are recorded, and accepted terminations end theirs. What cannot be written, which
    would be a fault of our own, is logged, asked about later, and holds up nothing else.
    """
    if not told:
        return
    try:
        again_after_deadlock(partial(_settle, told, now), tries=TRIES)
        return
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(told) == 1:
            fault = type(error.__cause__).__name__ if isinstance(error, DatabaseError) else ""
            log.error(
                "What became of transaction %s cannot be written: %s",
                told[0].transaction_id,
                fault or told_without_data(error),
            )
            again_after_deadlock(partial(_leave, told[0], now), tries=TRIES)
            return
    middle = len(told) // 2
    settle(told[:middle], now=now)
    settle(told[middle:], now=now)


def _leave(one: Told, now: datetime) -> None:
    """Have the registry asked again later about what could not be written; it may be there."""
    status = one.before if one.before is not Status.SUBMITTING else Status.OUTCOME_UNKNOWN
    _settle([one._replace(status=status, next_at=now + PUT_OFF, standing=None)], now)


def _settle(told: Sequence[Told], now: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        accepted = {one.producer_id for one in told if one.status is Status.ACCEPTED}
        cursor.execute(statement("lock"), {"ids": sorted(accepted)})
        cursor.execute(statement("lock_filings"), {"ids": [one.transaction_id for one in told]})
        moved: list[tuple[int, int, int, str]] = []
        for source in (Source.REGISTRY, Source.MUSTER):
            if some := [one for one in told if (one.standing is not None) is (source is Source.REGISTRY)]:
                with changing(source=source, at=now):
                    cursor.execute(statement("settle_filings"), _columns(some, now))
                moved += cursor.fetchall()
        take_effect(
            ids=[filing for filing, _, _, status in moved if status == Status.ACCEPTED],
            origin="filed",
            source=Source.REGISTRY,
            now=now,
        )
        _end_attempts(cursor, told, now)
        if ended := {batch for _, batch, _, status in moved if status in ENDED}:
            settle_batches(ids=ended)


def take_effect(*, ids: Sequence[int], origin: str, source: Source | None, now: datetime) -> None:
    """Record or end the appointments of these transactions, whose producers are locked, in this transaction.

    `origin` is one of `Appointment.Origin`; without a `source`, changes come from where the caller says.
    Scorecards and the health of appointments are judged again soon. Producers whose licenses were granted or
    renewed are synced again.
    """
    if not ids:
        return
    told = nullcontext() if source is None else changing(source=source, at=now)
    with told, connection.cursor() as cursor:
        for name in ("appoint", "terminate"):
            cursor.execute(statement(name), {"ids": list(ids), "origin": origin, "today": localdate(now)})
        cursor.execute(statement("producers_of"), {"ids": list(ids)})
        whose = [producer_id for (producer_id,) in cursor.fetchall()]
        judge_again(producer_ids=whose)
        look_who_leaves(whose)
        cursor.execute(statement("licensed"), {"ids": list(ids)})
        if licensed := [producer_id for (producer_id,) in cursor.fetchall()]:
            # The registry has the license: its report tells number, lines and expiry.
            queue_for_sync(producers=Producer.objects.filter(id__in=licensed), now=now)


def _columns(told: Sequence[Told], now: datetime) -> dict[str, Any]:
    standings = [one.standing for one in told]
    return {
        "now": now,
        "ids": [one.transaction_id for one in told],
        "before": [one.before.value for one in told],
        "claims": [one.claimed_at for one in told],
        "statuses": [one.status.value for one in told],
        "next": [one.next_at for one in told],
        "notes": [one.note for one in told],
        "registry_ids": [standing and standing.registry_id for standing in standings],
        "codes": [standing and standing.code for standing in standings],
        "words": [standing and standing.words for standing in standings],
        "effective": [
            one.standing.effective_on if one.standing and one.status is Status.ACCEPTED else None
            for one in told
        ],
        "received": [standing and (standing.received_at or now) for standing in standings],
        "decided": [
            (one.standing and one.standing.decided_at) or now if one.status in DECIDED else None
            for one in told
        ],
        "state_fees": [standing and standing.state_fee for standing in standings],
        "registry_fees": [standing and standing.registry_fee for standing in standings],
    }


def _end_attempts(cursor: Any, told: Sequence[Told], now: datetime) -> None:
    if kept := [one for one in told if one.attempt_id is not None]:
        cursor.execute(
            statement("end_attempts"),
            {
                "ids": [one.attempt_id for one in kept],
                "outcomes": [one.outcome for one in kept],
                "words": [one.words for one in kept],
                "now": now,
            },
        )
