"""Reads about the sync and the daily alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db.models import Func, IntegerField, QuerySet

from muster.core.alerts import Timetable
from muster.producers.models import WAITING_FOR_SYNC, Producer
from muster.registry.models import AlertDay, AlertsAccount, GatewayPause

DAYS_SHOWN = 30


def waiting_for_sync(*, organization_id: int) -> QuerySet[Producer]:
    """The producers of an organization that wait for the registry, or are being synced this moment."""
    return Producer.objects.filter(
        organization_id=organization_id, sync_status__in=WAITING_FOR_SYNC, removed_at=None
    )


def price_of(watched: int) -> Decimal | None:
    """What so many watched producers cost a month, in dollars; None where the price is not set."""
    price: Decimal | None = settings.MUSTER_ALERTS["monthly_price"]
    return None if price is None else price * watched


class DayTold(NamedTuple):
    """One day of the alerts, as shown. `state` is a word of AlertDay.State, `label` its name."""

    day: date
    state: str
    label: str
    reason: str
    named: int
    queued: int
    strangers: list[str]
    kinds: list[str]
    notes: list[str]
    tries: int
    next_at: datetime | None
    first_read_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsStanding:
    """How the daily alerts stand, for the whole installation.

    Not `is_on`: no MUSTER_ALERTS_URL is set beside a MUSTER_REGISTRY_URL, so there are no alerts at all.
    `reason` says why the last run ended early, `targets_reason` why the list could not be compared; both are
    empty where all is well.
    """

    is_on: bool
    subscription: str
    started_on: date | None
    last_run_at: datetime | None
    next_due_at: datetime
    next_try_at: datetime | None
    reason: str
    refused_since: datetime | None
    targets_at: datetime | None
    targets_reason: str
    days: list[DayTold]


def alerts_standing(*, now: datetime, days: int = DAYS_SHOWN) -> AlertsStanding:
    """How the daily alerts stand, with the newest days first."""
    given = settings.MUSTER_ALERTS
    account = AlertsAccount.objects.first() or AlertsAccount()
    count = Func("named", function="cardinality", output_field=IntegerField())
    rows = AlertDay.objects.annotate(count=count).defer("named")
    return AlertsStanding(
        is_on=bool(given["url"]),
        subscription=given["subscription"],
        started_on=account.started_on,
        last_run_at=account.ran_at,
        next_due_at=Timetable(given["time"], given["zone"]).next_at(now),
        next_try_at=account.next_at,
        reason=account.reason,
        refused_since=account.refused_since,
        targets_at=account.targets_at,
        targets_reason=account.targets_reason,
        days=[
            DayTold(
                day=row.day,
                state=row.state,
                label=row.get_state_display(),
                reason=row.reason,
                named=row.count,
                queued=row.queued,
                strangers=row.strangers,
                kinds=row.kinds,
                notes=row.notes,
                tries=row.tries,
                next_at=row.next_at,
                first_read_at=row.first_read_at,
                read_at=row.read_at,
            )
            for row in rows.order_by("-day")[:days]
        ],
    )


class GatewayStanding(NamedTuple):
    """Whether filings can be filed, for the whole installation.

    Not `is_set`: no MUSTER_GATEWAY_URL is set beside a MUSTER_REGISTRY_URL, so what is released waits.
    `reason` says why the gateway is left alone until `paused_until`; it is empty where it is not.
    """

    is_set: bool
    paused_until: datetime | None = None
    reason: str = ""


def gateway_standing(*, now: datetime) -> GatewayStanding:
    """Whether filings can be filed just now."""
    is_set = bool(settings.MUSTER_GATEWAY["url"])
    pause = GatewayPause.objects.filter(until__gt=now).first() if is_set else None
    return GatewayStanding(is_set, pause.until, pause.reason) if pause else GatewayStanding(is_set)
