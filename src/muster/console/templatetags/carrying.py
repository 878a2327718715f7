"""Carriers in words."""

from __future__ import annotations

from django import template

from muster.core.counting import counted
from muster.core.words import LOA_CATEGORIES
from muster.lists.keyset import CEILING

register = template.Library()


@register.filter
def category_name(code: str) -> str:
    """`{{ "life"|category_name }}` is "Life"."""
    return LOA_CATEGORIES.get(code, code)


@register.filter
def fein(digits: str) -> str:
    """`{{ "990000101"|fein }}` is "99-0000101"."""
    return f"{digits[:2]}-{digits[2:]}"


@register.filter
def counted_up(count: int, words: str) -> str:
    """Like `counted`, of what is counted up to a ceiling: more than that is "more than 10,000 rows"."""
    return counted(count, words) if count <= CEILING else f"more than {counted(CEILING, words)}"
