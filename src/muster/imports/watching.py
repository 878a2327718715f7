"""What an upload costs before it is processed: who is created is watched daily from then on."""

from __future__ import annotations

from decimal import Decimal

from muster.bulk.kinds import UploadKind, kind_of
from muster.bulk.models import Operation, Outcome
from muster.registry.queries import price_of


def cost_told(operation: Operation) -> str:
    """How many producers are new to the daily alerts and what they cost a month; empty where nobody is.

    Such as "2 producers are new to the daily alerts: $0.30 a month." Whom another organization has watched
    already counts as new all the same: nobody is to learn whom others have.
    """
    new: int = operation.preview.get(Outcome.CREATED, 0)
    kind = kind_of(operation)
    if not new or not isinstance(kind, UploadKind) or not kind.onboards:
        return ""
    return cost_of_new(new)


def cost_of_new(new: int) -> str:
    """What so many producers cost a month who are new to the daily alerts; empty where nobody is."""
    if not new:
        return ""
    who = "1 producer is" if new == 1 else f"{new:,} producers are"
    return f"{who} new to the daily alerts: {_month(price_of(new))}."


def _month(cost: Decimal | None) -> str:
    if cost is None:
        return "what that costs a month is unknown, for MUSTER_ALERTS_MONTHLY_PRICE is not set"
    return f"${cost:,.2f} a month"
