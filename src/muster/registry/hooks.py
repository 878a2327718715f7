"""Where other parts hang on to stored reports, so that the sync knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

StoredHook = Callable[[Sequence[int], date, datetime], None]

_on_stored: list[StoredHook] = []


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
