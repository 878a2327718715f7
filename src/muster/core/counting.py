"""Numbers and times in words."""

from __future__ import annotations

from datetime import timedelta

UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def counted(count: int, words: str) -> str:
    """4812 of "row,rows" is "4,812 rows"."""
    return f"{count:,} {noun(count, words)}"


def noun(count: int, words: str) -> str:
    """4812 of "row,rows" is "rows"."""
    one, many = words.split(",")
    return one if count == 1 else many


def in_words(span: timedelta) -> str:
    """`1:02:05` is "1 hour 2 minutes": the two largest units, for more says nothing."""
    seconds = max(0, int(span.total_seconds()))
    if not seconds:
        return "less than a second"
    parts = []
    for name, size in UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(counted(count, f"{name},{name}s"))
        elif parts:
            break
    return " ".join(parts[:2])
