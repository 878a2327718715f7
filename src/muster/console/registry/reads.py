"""What one organization is told of the daily alerts, which are those of the whole installation.

Of producers, only its own are counted or named. Of those who are another's it learns nothing; of strangers,
whom nobody here has, only how many they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Now
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.core.sync import Failure
from muster.producers.models import WAITING_FOR_SYNC, Producer, SyncStatus
from muster.registry.alerts import ALERTS_LOCK, is_due
from muster.registry.models import AlertDay, AlertsAccount, RegistryPause, Watch
from muster.registry.queries import AlertsStanding, DayTold, alerts_standing, price_of
from muster.registry.queue import ALERTS_TASK
from muster.registry.watching import LIST_SHRANK

DAYS = 10
REFUSED_SHOWN = 20
LIVES = timedelta(minutes=1)
"""A worker whose heart beat so recently is taken to live."""


class Run(StrEnum):
    """Whether the alerts are being seen to."""

    NONE = "none"
    WAITS = "waits"
    """For a worker."""
    MOVES = "moves"


@dataclass(frozen=True, slots=True)
class OwnTargets:
    """The organization's producers and the daily alerts. A cost is dollars a month, None where unknown.

    `wanted` are to be watched; of them the registry has `held` on its list, and did not take those `refused`,
    the first of whom stand here with its words; the others are new to it.
    """

    wanted: int
    held: int
    refused: int
    first_refused: list[tuple[Producer, str]]
    price: Decimal | None

    @property
    def new(self) -> int:
        return self.wanted - self.held - self.refused

    @property
    def more_refused(self) -> int:
        """How many of those refused do not stand here."""
        return self.refused - len(self.first_refused)

    @property
    def cost(self) -> Decimal | None:
        return price_of(self.held)

    @property
    def new_cost(self) -> Decimal | None:
        return price_of(self.new)


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A day of the alerts, and how many of the organization's producers its report named."""

    told: DayTold
    named: int

    @property
    def strangers(self) -> int:
        return len(self.told.strangers)

    @property
    def is_partly_read(self) -> bool:
        """Whether the report told something, and the rest of it could not be read yet."""
        return self.told.state == AlertDay.State.WAITING and bool(self.told.kinds or self.named)


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the page tells."""

    alerts: AlertsStanding
    targets: OwnTargets
    days: list[OwnDay]
    run: Run
    pause: RegistryPause | None

    @property
    def is_in_trouble(self) -> bool:
        """Whether the service as a whole gave nothing when it was last asked; the page says what to do."""
        return bool(self.refused_since or self.alerts.reason or self.alerts.targets_reason)

    @property
    def is_unread(self) -> bool:
        """Whether a day is still to be read, for it could not be, or not whole."""
        return any(day.told.next_at for day in self.days)

    @property
    def refused_since(self) -> datetime | None:
        """Since when the registry refuses our user name or password, if it does."""
        if self.pause and self.pause.failure == Failure.UNAUTHORIZED:
            return min(self.pause.since, self.alerts.refused_since or self.pause.since)
        return self.alerts.refused_since


def standing(member: Membership, *, now: datetime) -> Standing:
    """How the daily alerts stand, as this member may know it. A constant number of queries."""
    alerts = alerts_standing(now=now, days=DAYS)
    named = _own_named(member, [day.day for day in alerts.days])
    return Standing(
        alerts=alerts,
        targets=own_targets(member),
        days=[OwnDay(day, named.get(day.day, 0)) for day in alerts.days],
        run=run_under_way(),
        pause=RegistryPause.objects.filter(until__gt=now).first(),
    )


def is_something_to_fetch(*, now: datetime) -> bool:
    """Whether a run that waits for nothing would do anything: what is due, or waits after a failed try."""
    waits = Q(next_at__gt=now)
    return (
        is_due(now=now)
        or AlertsAccount.objects.filter(waits | Q(targets_next_at__gt=now)).exists()
        or AlertDay.objects.filter(waits).exists()
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far those watched are synced since a moment; `failed` end without a report."""

    waiting: int
    done: int
    failed: int

    @property
    def asked(self) -> int:
        return self.waiting + self.done


def progress_since(member: Membership, since: datetime) -> Progress:
    """How far the sync of the organization's watched producers is, of those asked about since then."""
    counts = watched(member).aggregate(
        waiting=Count("id", filter=Q(sync_status__in=WAITING_FOR_SYNC)),
        done=Count("id", filter=~Q(sync_status__in=WAITING_FOR_SYNC) & Q(synced_at__gte=since)),
        failed=Count("id", filter=Q(sync_status__in=[SyncStatus.NOT_FOUND, SyncStatus.RETRY_ERROR])),
    )
    return Progress(**counts)


def watched(member: Membership) -> OrganizationQuerySet:
    """The organization's producers who are watched."""
    mine: OrganizationQuerySet = Producer.objects.visible_to(member, Permission.READ).filter(is_watched=True)
    return mine


def own_targets(member: Membership) -> OwnTargets:
    """How many of the organization's producers are watched, and how many the registry does not list yet.

    Who was added since the list was last compared counts as new, whoever else has them watched: that they
    are on the list already would tell that another organization has them.
    """
    mine = watched(member)
    compared_at = AlertsAccount.objects.values_list("targets_at", flat=True).first()
    compared = mine.filter(created_at__lte=compared_at) if compared_at else mine.none()
    on_record = Watch.objects.filter(npn=OuterRef("npn"))
    counts = compared.aggregate(
        held=Count("id", filter=Exists(on_record.filter(confirmed_at__isnull=False))),
        refused=Count("id", filter=Exists(on_record.filter(confirmed_at=None))),
    )
    words = on_record.filter(confirmed_at=None).values("refused")[:1]
    told = compared.annotate(words=Subquery(words)).exclude(words=None).order_by("sort_name", "id")
    return OwnTargets(
        wanted=mine.count(),
        held=counts["held"],
        refused=counts["refused"],
        first_refused=[(producer, producer.words) for producer in told[:REFUSED_SHOWN]],
        price=settings.MUSTER_ALERTS["monthly_price"],
    )


def list_has_shrunk() -> bool:
    """Whether the registry's list has lost so many that a person is to say that they are added again."""
    return AlertsAccount.objects.filter(targets_reason=LIST_SHRANK).exists()


_OWN_NAMED = """
SELECT report.day, count(*)
FROM registry_alertday AS report
CROSS JOIN LATERAL unnest(report.named) AS said (npn)
JOIN producers_producer AS producer ON producer.organization_id = %(organization)s AND producer.npn = said.npn
    AND (%(agencies)s::bigint[] IS NULL OR producer.agency_id = ANY(%(agencies)s::bigint[]))
WHERE report.day = ANY(%(days)s)
GROUP BY report.day
"""


def _own_named(member: Membership, days: Sequence[date]) -> dict[date, int]:
    if not member.may(Permission.READ):
        return {}
    with connection.cursor() as cursor:
        asked = {
            "organization": member.organization_id,
            "agencies": member.agency_ids,
            "days": list(days),
        }
        cursor.execute(_OWN_NAMED, asked)
        return dict(cursor.fetchall())


_LOCK_IS_HELD = """
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (classid::bigint << 32) + objid::bigint = %s
)
"""


def run_under_way() -> Run:
    """Whether a run is at it or waits for a worker.

    Its lock tells, also of a run from the terminal, and goes with a process that dies; its job tells in the
    moments before the lock is taken, as long as the job's worker lives.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_IS_HELD, [ALERTS_LOCK])
        if cursor.fetchone()[0]:
            return Run.MOVES
    jobs = ProcrastinateJob.objects.filter(
        Q(status="todo", scheduled_at=None) | Q(status="doing", worker__last_heartbeat__gt=Now() - LIVES),
        task_name=ALERTS_TASK,
    )
    states = set(jobs.values_list("status", flat=True))
    if not states:
        return Run.NONE
    return Run.MOVES if "doing" in states else Run.WAITS
