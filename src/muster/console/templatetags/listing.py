"""Cells and forms of lists."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.http import QueryDict

register = template.Library()


@register.filter
def told(texts: Mapping[str, str], name: str) -> str:
    """The text of a column that was added; blank where there is none."""
    return texts.get(name, "")


@register.filter
def parameters(query: str) -> list[tuple[str, str]]:
    """The parameters of a query, for a form that keeps them."""
    asked = QueryDict(query.removeprefix("?"))
    return [(name, value) for name in asked for value in asked.getlist(name)]
