"""Giving up what was not sent for producers who leave; what ends their appointments goes on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection

from muster.core.transactions import WAITING, Status, TransactionKind
from muster.transactions.batching import settle_batches
from muster.transactions.models import Transaction
from muster.transactions.sql import statement


def give_up_unsent(*, producer_ids: Collection[int], note: str) -> int:
    """Cancel what waits to be sent for these producers, who are locked; return how many that was.

    Terminations are not among them, nor is what the registry has, or may have: that is decided there.
    """
    waits = Transaction.objects.filter(producer_id__in=producer_ids, status__in=WAITING)
    locked = waits.exclude(kind=TransactionKind.TERMINATION).order_by("id").select_for_update(no_key=True)
    found = list(locked.values_list("id", "batch_id"))
    if found:
        with connection.cursor() as cursor:
            told: dict[str, Any] = {
                "ids": [pk for pk, _ in found],
                "status": Status.CANCELED.value,
                "note": note,
            }
            cursor.execute(statement("end"), told)
        settle_batches(ids={batch_id for _, batch_id in found})
    return len(found)
