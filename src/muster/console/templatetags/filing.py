"""Transactions in words and colors, and money."""

from __future__ import annotations

from typing import Any

from django import template

from muster.console.statuses import TRANSACTION_LOOKS
from muster.core.amounts import dollars
from muster.core.transactions import STATUS_LABELS, Status

register = template.Library()


@register.inclusion_tag("producers/status.html")
def transaction_status(status: str) -> dict[str, Any]:
    """The status of a transaction as a badge."""
    known = Status(status)
    color, icon = TRANSACTION_LOOKS[known]
    return {"label": STATUS_LABELS[known], "color": color, "icon": icon}


@register.filter("dollars")
def told(cents: int | None) -> str:
    """`{{ 1000|dollars }}` is "$10.00"; what nobody has told is "unknown"."""
    return "unknown" if cents is None else dollars(cents)
