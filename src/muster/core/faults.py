"""Telling of faults of our own without what people have told us: an exception's words may hold that."""

from __future__ import annotations

import traceback


def told_without_data(error: BaseException) -> str:
    """The kind of the fault and where it arose, as in "OverflowError in _ended (health.py, line 128)"."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    file = last.filename.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{type(error).__name__} in {last.name} ({file}, line {last.lineno})"
