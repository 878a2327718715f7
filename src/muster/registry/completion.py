"""What follows an operation that brought new producers: they are watched within minutes."""

from __future__ import annotations

from datetime import datetime

from muster.bulk.models import Operation, Outcome
from muster.registry.queue import defer_alerts


def watch_new(operation: Operation, now: datetime) -> None:
    """Have the list of targets looked at, in the transaction that ends the operation."""
    if operation.outcomes.get(Outcome.CREATED.value):
        defer_alerts()
