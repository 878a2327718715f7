"""Keeping the states of batches true to their transactions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from muster.core.transactions import OPEN, WAITING, BatchState
from muster.transactions.sql import statement

SETTLED = {
    "done": BatchState.DONE.value,
    "submitted": BatchState.SUBMITTED.value,
    "approved": BatchState.APPROVED.value,
    "draft": BatchState.DRAFT.value,
}


def settle_batches(*, ids: Iterable[int]) -> None:
    """Bring the states of batches in line with what their transactions have become.

    Done: nothing of it is open. Submitted: nothing of it waits that was not released. One of which something
    waits again is approved, or a draft where it was never approved. To be called by whoever moves or releases
    transactions, after that and in the same transaction: producers are locked first, then transactions, then
    batches.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Two that end the last two transactions of a batch at once: the second sees what the first did, for
        # this statement waits for it, and the next one begins after that.
        cursor.execute(statement("lock_batches"), {"ids": sorted(set(ids))})
        locked = [batch_id for (batch_id,) in cursor.fetchall()]
        cursor.execute(
            statement("settle_batches"),
            {
                "ids": locked,
                "open": [status.value for status in OPEN],
                "waiting": [status.value for status in WAITING],
                **SETTLED,
            },
        )
