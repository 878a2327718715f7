"""Reading what the first page shows. Every query is one index range, however large the organization is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.models import Operation, OperationState
from muster.bulk.states import UNDER_WAY, WAITS_FOR_A_PERSON
from muster.console.imports.reads import uploads
from muster.producers.models import Producer, SyncStatus

KEPT_SECONDS = 60
MANY = 50_000
"""From here on counting takes a tenth of a second a million producers, so a count is kept for a minute."""

RECENT = timedelta(days=14)
LISTED = 6


@dataclass(frozen=True, slots=True)
class SyncCounts:
    """How many producers stand at each sync status, when that was counted, and whether it is kept a while."""

    by_status: dict[str, int]
    counted_at: datetime
    is_kept: bool

    @property
    def total(self) -> int:
        return sum(self.by_status.values())

    def of(self, *statuses: SyncStatus) -> int:
        return sum(self.by_status.get(status, 0) for status in statuses)


def sync_counts(member: Membership, *, now: datetime) -> SyncCounts:
    """Producers of the member's organization by sync status; at most a minute old where there are many."""
    key = f"sync-counts:{member.organization_id}"
    if isinstance(kept := cache.get(key), SyncCounts):
        return kept
    producers = Producer.objects.visible_to(member, Permission.READ)
    by_status = dict(producers.values_list("sync_status").annotate(Count("id")).order_by())
    counts = SyncCounts(by_status, now, is_kept=sum(by_status.values()) >= MANY)
    if counts.is_kept:
        cache.set(key, counts, KEPT_SECONDS)
    return counts


def newest_uploads(member: Membership) -> list[Operation]:
    """The newest few uploads, those under way first."""
    newest = list(uploads(member).order_by("-created_at")[:LISTED])
    return sorted(newest, key=lambda operation: operation.state not in UNDER_WAY)


def uploads_that_wait(member: Membership, *, now: datetime) -> list[Operation]:
    """Recent uploads that go on only when a person does something, newest first."""
    states = [*WAITS_FOR_A_PERSON, OperationState.DONE_WITH_FAILURES]
    waiting = uploads(member).filter(created_at__gte=now - RECENT, state__in=states)
    return list(waiting.order_by("-created_at")[:LISTED])
