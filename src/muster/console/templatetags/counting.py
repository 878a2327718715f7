"""Numbers and times in words."""

from __future__ import annotations

from datetime import timedelta

from django import template

register = template.Library()


@register.filter
def counted(count: int, words: str) -> str:
    """`{{ 4812|counted:"row,rows" }}` is "4,812 rows"."""
    one, many = words.split(",")
    return f"{count:,} {one if count == 1 else many}"


@register.filter
def noun(count: int, words: str) -> str:
    """`{{ 4812|noun:"row,rows" }}` is "rows"."""
    one, many = words.split(",")
    return one if count == 1 else many


@register.filter
def in_words(span: timedelta) -> str:
    """`1:02:05` is "1 hour 2 minutes": the two largest units, for more says nothing."""
    seconds = max(0, int(span.total_seconds()))
    if not seconds:
        return "less than a second"
    units = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
    parts = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(counted(count, f"{name},{name}s"))
        elif parts:
            break
    return " ".join(parts[:2])
