"""Estimates of licenses in templates."""

from __future__ import annotations

from django import template

from muster.core.amounts import dollars
from muster.core.counting import counted
from muster.onboarding.cost import Cost

register = template.Library()


@register.filter
def cents(amount: int | None) -> str:
    """An amount in dollars, or that it is unknown."""
    return "unknown" if amount is None else dollars(amount)


@register.filter
def told_cost(cost: Cost) -> str:
    """The whole sum; what is not known is said, and never counted as nothing."""
    if not cost.unknown:
        return dollars(cost.known)
    if cost.unknown == cost.fees:
        return "unknown"
    return f"{dollars(cost.known)} and {counted(cost.unknown, 'unknown fee,unknown fees')}"
