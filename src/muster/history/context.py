"""Saying who writes, so that the triggers can keep it with each change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import connection
from psycopg.pq import TransactionStatus

from muster.history.models import Source
from muster.history.triggers import VARIABLE

# The inner SELECT is done first: what stood there before is read before it is replaced.
SET = """
SELECT before, set_config(%s, %s, true)
FROM (SELECT current_setting(%s, true) AS before OFFSET 0) AS was
"""
PUT_BACK = "SELECT set_config(%s, %s, true)"


@contextmanager
def changing(
    *,
    source: Source,
    by_id: int | None = None,
    operation_id: UUID | None = None,
    at: datetime | None = None,
) -> Iterator[None]:
    """Have the changes that are written inside told as from `source`, by this person, in this operation.

    `at` is the time of the changes, else that of the transaction. An inner one holds until it ends; then the
    outer one holds again. Raises RuntimeError outside a transaction, where it would hold for nothing.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("Say who changes records inside transaction.atomic(), with what is written.")
    told = {
        "source": Source(source).value,
        "by": by_id,
        "operation": None if operation_id is None else str(operation_id),
        "at": None if at is None else at.isoformat(),
    }
    with connection.cursor() as cursor:
        cursor.execute(SET, [VARIABLE, json.dumps(told), VARIABLE])
        before = cursor.fetchone()[0]
    try:
        yield
    finally:
        # In a transaction that has failed nothing can be said, and nothing needs to be: it is rolled back.
        if _goes_on():
            with connection.cursor() as cursor:
                cursor.execute(PUT_BACK, [VARIABLE, before or ""])


def _goes_on() -> bool:
    if connection.needs_rollback or connection.connection is None:
        return False
    status: TransactionStatus = connection.connection.info.transaction_status
    return status is TransactionStatus.INTRANS
