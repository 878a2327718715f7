"""What one operation may let go to the registry by itself, and what is held back of it, and why."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from muster.bulk.models import Operation
from muster.core.amounts import dollars
from muster.core.appointing import Forecast
from muster.transactions.terms import Setup

UNPERMITTED = "your role prepares filings and does not release them"
TOGETHER_TOO_MUCH = "together they are more than may be submitted at once"


class Budget:
    """What may still go to the registry by itself: how many, and for how much; None is without a limit.

    Once something does not fit, nothing more goes.
    """

    def __init__(self, filings: int | None, fees: int | None) -> None:
        self.filings = filings
        self.fees = fees
        self.refused = 0

    def take(self, filings: int, fees: int) -> bool:
        """Take so much of it, or refuse all."""
        fits = (self.filings is None or filings <= self.filings) and (self.fees is None or fees <= self.fees)
        if not filings or not fits or self.refused:
            self.refused += filings
            return False
        self.filings = None if self.filings is None else self.filings - filings
        self.fees = None if self.fees is None else self.fees - fees
        return True


SO_FAR = """
SELECT filed.filings + again.filings, filed.fees + again.fees
FROM (
    SELECT count(*) AS filings, coalesce(sum(coalesce(state_fee, 0) + coalesce(registry_fee, 0)), 0) AS fees
    FROM transactions_transaction
    WHERE released_at IS NOT NULL
      AND batch_id IN (SELECT id FROM transactions_batch WHERE operation_id = %(operation)s)
) AS filed, (
    SELECT coalesce(sum((result ->> 'let_go')::int), 0) AS filings,
           coalesce(sum((result ->> 'let_go_fees')::int), 0) AS fees
    FROM bulk_item WHERE operation_id = %(operation)s AND state = 'applied'
) AS again
"""


def budget_of(operation: Operation, setup: Setup) -> Budget:
    """What the operation may still let go, by the limits of today."""
    filings, fees = setup.settings.most_filings, setup.settings.most_fees
    if filings is None and fees is None:
        return Budget(None, None)
    with connection.cursor() as cursor:
        cursor.execute(SO_FAR, {"operation": operation.pk})
        gone, paid = cursor.fetchone()
    return Budget(None if filings is None else filings - gone, None if fees is None else fees - paid)


class HeldBack(NamedTuple):
    """How many filings would go to the registry by themselves and may not, and why, to follow a colon.

    `is_all`: nothing goes. `forecast` is told accordingly.
    """

    filings: int
    why: str
    is_all: bool
    forecast: Forecast


def hold_back(setup: Setup, forecast: Forecast) -> HeldBack:
    """What is held back of requests that come to this forecast."""
    settings = setup.settings
    wanted, why = forecast.released + forecast.waiting, ""
    if settings.two_person_release and wanted:
        why = "two persons have to see each filing"
    elif settings.most_filings is not None and forecast.released > settings.most_filings:
        why = f"at most {settings.most_filings:,} may be submitted at once"
    elif settings.most_fees is not None and forecast.released_fees > settings.most_fees:
        why = f"their fees are more than the {dollars(settings.most_fees)} that may be spent at once"
    if why:
        return HeldBack(wanted, why, True, forecast._replace(released=0, released_fees=0, waiting=wanted))
    if forecast.waiting:
        why = UNPERMITTED
    return HeldBack(forecast.waiting, why, False, forecast)
