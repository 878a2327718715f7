"""Which filings move by themselves, so that pages follow them."""

from __future__ import annotations

from muster.core.transactions import WAITING, Status
from muster.transactions.models import Transaction

POLL_SECONDS = 3

SOON_TO_MOVE = (Status.SUBMITTING, Status.OUTCOME_UNKNOWN, Status.SUBMITTED)
"""While something is in one of these, its page follows."""


def moves(one: Transaction) -> bool:
    """Whether a transaction is on the way: it waits for its turn, or for the registry."""
    return one.status in SOON_TO_MOVE or (one.status in WAITING and one.released_at is not None)
