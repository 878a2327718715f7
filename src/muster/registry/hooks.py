"""Where other parts hang on to the sync, so that it knows none of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime

FirstHook = Callable[[], bool]
StoredHook = Callable[[Sequence[int], date, datetime], None]

_on_stored: list[StoredHook] = []
_come_first: list[FirstHook] = []


def on_stored(hook: StoredHook) -> StoredHook:
    """Call `hook(producer_ids, today, now)` in the transaction that stores reports.

    The producers are those whose report was their first, or said something else than what was on record.
    They are locked by then, in the order of their ids.
    """
    if hook not in _on_stored:
        _on_stored.append(hook)
    return hook


def run_stored_hooks(producer_ids: Sequence[int], today: date, now: datetime) -> None:
    """Call the hooks in the order in which they were hung."""
    for hook in _on_stored:
        hook(producer_ids, today, now)


def comes_first(hook: FirstHook) -> FirstHook:
    """Let a sync make way whenever `hook()` says that people wait for other answers of the registry."""
    if hook not in _come_first:
        _come_first.append(hook)
    return hook


class MakesWay:
    """Whether a sync is to end: somebody aborts it, or others come first, who are asked now and then."""

    def __init__(self, aborted: Callable[[], bool], *, seconds: float = 1.0) -> None:
        self._aborted = aborted
        self._seconds = seconds
        self._look_at = 0.0
        self.makes_way = False

    def __call__(self) -> bool:
        now = time.monotonic()
        if not self.makes_way and now >= self._look_at:
            self._look_at = now + self._seconds
            self.makes_way = any(hook() for hook in _come_first)
        return self.makes_way or self._aborted()
