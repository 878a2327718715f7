"""How the statuses of syncs and of transactions look, wherever a page shows them."""

from __future__ import annotations

from typing import NamedTuple

from muster.core.transactions import Status
from muster.producers.models import SyncStatus

S = SyncStatus
T = Status


class Look(NamedTuple):
    """A color of the kit and an icon."""

    color: str
    icon: str


# In the order in which they are listed.
LOOKS: dict[SyncStatus, Look] = {
    S.SUCCESS: Look("green", "circle-check"),
    S.SUCCESS_NO_LICENSES: Look("teal", "circle-check"),
    S.PROCESSING: Look("blue", "refresh"),
    S.QUEUED: Look("azure", "clock"),
    S.NOT_STARTED: Look("secondary", "circle-dashed"),
    S.TIMEOUT: Look("yellow", "clock-exclamation"),
    S.ERROR: Look("yellow", "alert-triangle"),
    S.RETRY_ERROR: Look("red", "alert-circle"),
    S.NOT_FOUND: Look("red", "user-question"),
}

TRANSACTION_LOOKS: dict[Status, Look] = {
    T.READY: Look("green", "circle-check"),
    T.HELD: Look("yellow", "clock-pause"),
    T.SUBMITTING: Look("azure", "send"),
    T.OUTCOME_UNKNOWN: Look("orange", "help-circle"),
    T.SUBMITTED: Look("blue", "send"),
    T.ACTION_REQUIRED: Look("orange", "alert-triangle"),
    T.ACCEPTED: Look("teal", "circle-check"),
    T.RECORDED: Look("teal", "book"),
    T.NOT_ELIGIBLE: Look("secondary", "circle-minus"),
    T.REJECTED: Look("red", "circle-x"),
    T.CANCELED: Look("secondary", "ban"),
    T.CLOSED: Look("secondary", "archive"),
}
