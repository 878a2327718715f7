"""The limits of one submission: they count all that an action would let go at once."""

from __future__ import annotations

from typing import Literal

from django.db import connection

from muster.bulk.models import Operation
from muster.core.acting import Limits, limit_broken
from muster.core.amounts import dollars
from muster.transactions.actions.items import refuse_all
from muster.transactions.sql import statement

Target = Literal["id", "batch_id"]


def keep_within(operation: Operation, limits: Limits, *, target: Target) -> bool:
    """Refuse all of a submission that is too large; say whether it may go on.

    `target` is what its items are: transactions (`id`) or batches (`batch_id`). A fee that is not known does
    not count.
    """
    if limits == Limits():
        return True
    with connection.cursor() as cursor:
        cursor.execute(statement("submission").format(target=target), {"operation": operation.pk})
        filings, fees = cursor.fetchone()
    code = limit_broken(limits, filings=filings, fees=int(fees))
    if not code:
        return True
    by_count = limits.filings is not None and filings > limits.filings
    refuse_all(
        operation,
        code,
        {"count": f"{filings:,}", "limit": f"{limits.filings:,}"}
        if by_count
        else {"fees": dollars(int(fees)), "limit": dollars(limits.fees or 0)},
    )
    return False
