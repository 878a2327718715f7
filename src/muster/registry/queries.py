"""Reads about the sync: who stands where, how fresh the data is, and how the registry is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet

from muster.producers.models import WAITING_FOR_SYNC, Producer, SyncStatus
from muster.registry.models import RegistryPause


@dataclass(frozen=True, slots=True)
class SyncHealth:
    """How the sync of one organization is doing.

    `waiting` counts those that wait for a first or another try, `next_at` is when the next of them is due,
    `given_up` counts Retry Error. While the registry is left alone, `paused_until` and `reason` say so.
    """

    waiting: int
    processing: int
    given_up: int
    next_at: datetime | None
    paused_until: datetime | None
    reason: str


def sync_counts(*, organization_id: int) -> dict[SyncStatus, int]:
    """How many producers of an organization have each of the nine statuses; none is left out."""
    found = dict(
        Producer.objects.filter(organization_id=organization_id)
        .order_by()
        .values_list("sync_status")
        .annotate(Count("id"))
    )
    return {status: found.get(status.value, 0) for status in SyncStatus}


def waiting_for_sync(*, organization_id: int) -> QuerySet[Producer]:
    """The producers of an organization that wait for the registry, or are being synced this moment."""
    return Producer.objects.filter(
        organization_id=organization_id, sync_status__in=[*WAITING_FOR_SYNC, SyncStatus.PROCESSING]
    )


def sync_health(*, organization_id: int, now: datetime) -> SyncHealth:
    """How the sync of an organization is doing, and whether the registry is left alone just now."""
    counts = sync_counts(organization_id=organization_id)
    producers = Producer.objects.filter(organization_id=organization_id)
    pause = RegistryPause.objects.filter(until__gt=now).first()
    return SyncHealth(
        waiting=sum(counts[status] for status in WAITING_FOR_SYNC),
        processing=counts[SyncStatus.PROCESSING],
        given_up=counts[SyncStatus.RETRY_ERROR],
        next_at=producers.filter(sync_status__in=WAITING_FOR_SYNC).aggregate(at=Min("sync_next_at"))["at"],
        paused_until=pause.until if pause else None,
        reason=pause.reason if pause else "",
    )


UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def freshness(*, synced_at: datetime | None, now: datetime) -> str:
    """How fresh a producer's data is, as words: `synced 5 minutes ago`."""
    if synced_at is None:
        return "never synced"
    return f"synced {_span((now - synced_at).total_seconds())} ago" if synced_at < now else "synced just now"


def next_try(*, next_at: datetime | None, now: datetime) -> str:
    """When a producer that got no report is tried again, as words: `will be tried again in 2 minutes`."""
    if next_at is None:
        return ""
    seconds = (next_at - now).total_seconds()
    return f"will be tried again in {_span(seconds)}" if seconds > 0 else "will be tried again shortly"


def _span(seconds: float) -> str:
    """A span in its largest full unit."""
    size, unit = next((one for one in UNITS if seconds >= one[0]), UNITS[-1])
    count = int(seconds // size)
    return f"{count} {unit}{'' if count == 1 else 's'}"
