"""Letting transactions go to the registry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from muster.access.models import User
from muster.audit.operations import EventKind, record
from muster.transactions.batching import settle_batches
from muster.transactions.queue import defer_filing
from muster.transactions.sql import statement


def release(*, ids: Iterable[int], by: User | None, now: datetime, operation_id: UUID | None = None) -> int:
    """Let those of the transactions go that wait and were not let go before; return how many.

    They keep their status until the worker claims them, which begins once the caller's transaction commits.
    `by` is None where a rule lets them go. What an operation lets go, its own events tell; else it is put on
    record here. Whether they may be let go, by whom and how many, is the caller's to see to.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            statement("release"), {"ids": sorted(ids), "by": None if by is None else by.pk, "now": now}
        )
        released = cursor.fetchall()
        if not released:
            return 0
        settle_batches(ids={batch for _, batch in released})
        if operation_id is None:
            for organization_id, count in sorted(Counter(of for of, _ in released).items()):
                record(
                    EventKind.FILINGS_RELEASED,
                    organization_id=organization_id,
                    by_id=None if by is None else by.pk,
                    data={"transactions": count},
                )
        defer_filing()
    return len(released)
