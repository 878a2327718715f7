"""Where other parts hang on to the end of an operation, so that the kernel knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from muster.bulk.models import Operation

FinishHook = Callable[[Operation, datetime], None]

_on_finish: list[FinishHook] = []


def on_finish(hook: FinishHook) -> FinishHook:
    """Call `hook(operation, now)` in the transaction that ends an operation."""
    if hook not in _on_finish:
        _on_finish.append(hook)
    return hook


def run_finish_hooks(operation: Operation, now: datetime) -> None:
    """Call the hooks in the order in which they were hung."""
    for hook in _on_finish:
        hook(operation, now)
