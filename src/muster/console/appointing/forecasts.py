"""What requests would come to, in words: transactions by status, reasons, fees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from muster.console.statuses import TRANSACTION_LOOKS
from muster.core.amounts import dollars
from muster.core.appointing import Forecast
from muster.core.eligibility import REASON_LABELS
from muster.core.transactions import STATUS_LABELS, Status


@dataclass(frozen=True, slots=True)
class StatusCount:
    """So many transactions are, or would be, in a status."""

    status: str
    label: str
    count: int
    color: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ForecastTold:
    """A forecast, ready to be shown. `unchanged` counts answers that are as before, and make nothing."""

    total: int
    eligible: int
    statuses: list[StatusCount]
    reasons: list[tuple[str, int]]
    state_fee: str
    registry_fee: str
    unknown: int
    released: int
    unchanged: int


def tell_forecast(forecast: Forecast) -> ForecastTold:
    """The words for a forecast."""
    counts = forecast.statuses
    total = sum(counts.values())
    eligible = total - counts.get(Status.NOT_ELIGIBLE.value, 0)
    return ForecastTold(
        total,
        eligible,
        status_counts(counts),
        [(REASON_LABELS.get(code, code), count) for code, count in Counter(forecast.reasons).most_common()],
        _fee(forecast.state_fee, forecast.state_unknown, eligible),
        _fee(forecast.registry_fee, forecast.registry_unknown, eligible),
        forecast.unknown,
        forecast.released,
        forecast.unchanged,
    )


def kept_forecast(facts: Mapping[str, Any]) -> Forecast | None:
    """The forecast that the check of an operation has kept with it; None where there is none."""
    told = facts.get("forecast")
    # One that an earlier version has kept may lack a number.
    return Forecast(**{name: told.get(name, 0) for name in Forecast._fields}) if told else None


def status_counts(
    counts: Mapping[str, int], url_of: Callable[[str], str] = lambda status: ""
) -> list[StatusCount]:
    """The statuses that occur, in the order in which they are looked at; `url_of` gives each its list."""
    return [
        StatusCount(
            status.value, STATUS_LABELS[status], counts[status.value], look.color, url_of(status.value)
        )
        for status, look in TRANSACTION_LOOKS.items()
        if counts.get(status.value)
    ]


def _fee(cents: int, unknown: int, transactions: int) -> str:
    """A sum of fees; what is not known is said, and never counted as nothing."""
    if not unknown:
        return dollars(cents)
    return "unknown" if unknown == transactions else f"{dollars(cents)} and {unknown:,} unknown"
