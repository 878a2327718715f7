"""Reads about the sync and the daily alerts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Exists, Func, IntegerField, OuterRef, QuerySet

from muster.core.alerts import Timetable
from muster.producers.models import WAITING_FOR_SYNC, Producer
from muster.registry.models import AlertDay, AlertsAccount, Watch
from muster.registry.sql import statement

DAYS_SHOWN = 30
REFUSED_SHOWN = 100


def waiting_for_sync(*, organization_id: int) -> QuerySet[Producer]:
    """The producers of an organization that wait for the registry, or are being synced this moment."""
    return Producer.objects.filter(organization_id=organization_id, sync_status__in=WAITING_FOR_SYNC)


class WatchCost(NamedTuple):
    """How many NPNs are new to the alerts subscription, and what they cost a month in dollars, if known."""

    new: int
    monthly: Decimal | None


def watch_cost(npns: Iterable[str] | QuerySet[Any]) -> WatchCost:
    """What it costs to have these watched: NPNs, or producers. Those watched already are free."""
    if isinstance(npns, QuerySet):
        held = Watch.objects.filter(npn=OuterRef("npn"), confirmed_at__isnull=False)
        new = npns.filter(~Exists(held)).order_by().values("npn").distinct().count()
    else:
        with connection.cursor() as cursor:
            cursor.execute(statement("new_to_watch"), {"npns": list(npns)})
            [new] = cursor.fetchone()
    return WatchCost(new, price_of(new))


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


class RefusedTarget(NamedTuple):
    """A producer whom the registry did not put on the list, and its words."""

    npn: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsStanding:
    """How the daily alerts stand. Targets: `held` by the registry, `wanted` by us, `new` to be added.

    Not `is_on`: no MUSTER_ALERTS_URL is set beside a MUSTER_REGISTRY_URL, so there are no alerts at all.
    `reason` says why the last run ended early, `targets_reason` why the list could not be compared; both are
    empty where all is well. `monthly_cost` is of the targets held, `new_cost` of those new; None: unknown.
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
    held: int
    wanted: int
    new: int
    refused: int
    refused_targets: list[RefusedTarget]
    monthly_price: Decimal | None
    monthly_cost: Decimal | None
    new_cost: Decimal | None
    days: list[DayTold]


def alerts_standing(*, now: datetime, days: int = DAYS_SHOWN) -> AlertsStanding:
    """How the daily alerts stand, with the newest days first. Counts are of the whole installation."""
    given = settings.MUSTER_ALERTS
    account = AlertsAccount.objects.first() or AlertsAccount()
    refused = Watch.objects.filter(confirmed_at=None)
    held = Watch.objects.filter(confirmed_at__isnull=False).count()
    watched = Producer.objects.filter(is_watched=True)
    wanted = watched.order_by().values("npn").distinct().count()
    new = watch_cost(watched)
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
        held=held,
        wanted=wanted,
        new=new.new,
        refused=refused.count(),
        refused_targets=[
            RefusedTarget(*one)
            for one in refused.order_by("npn").values_list("npn", "refused")[:REFUSED_SHOWN]
        ],
        monthly_price=given["monthly_price"],
        monthly_cost=price_of(held),
        new_cost=new.monthly,
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
