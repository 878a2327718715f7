"""How the nine sync statuses look, wherever a page shows them."""

from __future__ import annotations

from typing import NamedTuple

from muster.producers.models import SyncStatus

S = SyncStatus


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
