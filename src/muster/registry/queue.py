"""Jobs of the registry, deferred so that they exist only if the caller's transaction commits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from procrastinate.contrib.django import app

SYNC_TASK = "registry.sync_waiting"
SYNC_QUEUE = "gateway"
ALERTS_TASK = "registry.run_alerts"


def defer_sync(*, at: datetime | None = None) -> None:
    """Have the queue drained once this transaction commits, or at a later time.

    No lock keeps a second job from waiting beside a first: the first may have looked before this transaction
    commits. A drain too many finds nothing to do and ends.
    """
    app.configure_task(SYNC_TASK, queue=SYNC_QUEUE, schedule_at=at).defer()


def defer_alerts(*, day: date | None = None, at_once: bool = False, restore: bool = False) -> None:
    """Have what is due of the daily alerts done once this transaction commits. One too many does nothing.

    `at_once`: also what waits after a failed try. `restore`: also targets that the registry has lost, however
    many. `day`: read this one's report once more, and nothing else.
    """
    asked: dict[str, Any] = {} if day is None else {"day": day.isoformat()}
    if restore:
        asked["restore"] = True
    app.configure_task(ALERTS_TASK, queue=SYNC_QUEUE).defer(at_once=at_once, **asked)
