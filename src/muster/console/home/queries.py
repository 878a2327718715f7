"""Reading what the first page shows. Every query is one index range, however large the organization is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.appointments.queries import AtRisk, at_risk
from muster.bulk.kinds import upload_kinds_of
from muster.bulk.models import Operation, OperationState
from muster.bulk.states import UNDER_WAY, WAITS_FOR_A_PERSON
from muster.console.imports.reads import uploads
from muster.core.alerts import Timetable
from muster.core.scorecard import GapKind
from muster.history.models import Change
from muster.history.queries import ChangeSelection, matching_changes
from muster.licenses.queries import Expiring, expiring
from muster.notices.queries import choice_of, reminders_of
from muster.producers.models import Producer, SyncStatus
from muster.registry.models import AlertDay, AlertsAccount
from muster.scorecards.queries import counts_by_state, gaps_by_state
from muster.transactions.queries import Awaited, awaited

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
    key = f"sync-counts:{_whose(member)}"
    if isinstance(kept := cache.get(key), SyncCounts):
        return kept
    producers = Producer.objects.visible_to(member, Permission.READ)
    by_status = dict(producers.values_list("sync_status").annotate(Count("id")).order_by())
    counts = SyncCounts(by_status, now, is_kept=sum(by_status.values()) >= MANY)
    if counts.is_kept:
        cache.set(key, counts, KEPT_SECONDS)
    return counts


def _whose(member: Membership) -> str:
    """Who sees the same numbers: all of an organization, but those who are limited to agencies."""
    return f"member-{member.pk}" if member.is_limited else str(member.organization_id)


@dataclass(frozen=True, slots=True)
class StateGaps:
    """In how many assignments a state has gaps: any, and each kind, the most frequent first."""

    state: str
    assignments: int
    by_kind: dict[GapKind, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted besides the sync, when that was, and whether it is kept a while.

    `changed` counts the changes since the first moment of the day `since`, by kind; `reminders` are
    those that the list shows as open; `awaited` are transactions that wait for a person.
    """

    expiring: Expiring
    at_risk: AtRisk
    gaps: tuple[StateGaps, ...]
    changed: dict[Change.Kind, int]
    since: date
    reminders: int
    awaited: Awaited
    counted_at: datetime
    is_kept: bool

    @property
    def size(self) -> int:
        """About how many rows had to be counted."""
        counted = (
            self.expiring.soon,
            self.expiring.expired,
            self.at_risk.total,
            sum(gaps.assignments for gaps in self.gaps),
            sum(self.changed.values()),
            self.reminders,
            sum(self.awaited),
        )
        return sum(counted)


def figures(member: Membership, *, now: datetime, today: date) -> Figures:
    """Licenses, appointments, gaps and changes in numbers; at most a minute old where there are many."""
    key = f"figures:{_whose(member)}:{today}"
    if isinstance(kept := cache.get(key), Figures):
        return kept
    since = today - timedelta(days=1)
    counted = Figures(
        expiring=expiring(member, today=today),
        at_risk=at_risk(member),
        gaps=gaps_of_states(member),
        changed=changes_by_kind(member, since=since),
        since=since,
        reminders=_listed_reminders(member),
        awaited=awaited(member, today=today),
        counted_at=now,
        is_kept=False,
    )
    if counted.size < MANY:
        return counted
    counted = replace(counted, is_kept=True)
    cache.set(key, counted, KEPT_SECONDS)
    return counted


def _listed_reminders(member: Membership) -> int:
    """How many reminders the page of reminders lists: none where the organization wants no list."""
    return reminders_of(member).count() if choice_of(member.organization_id).in_console else 0


def gaps_of_states(member: Membership) -> tuple[StateGaps, ...]:
    """The states in which assignments have gaps, those of most assignments first; two queries."""
    by_state: dict[str, dict[GapKind, int]] = defaultdict(dict)
    for gap in gaps_by_state(member):
        by_state[gap.state][gap.kind] = gap.assignments
    found = [
        StateGaps(state, assignments, by_state[state])
        for state, assignments in counts_by_state(member).items()
    ]
    return tuple(sorted(found, key=lambda gaps: (-gaps.assignments, gaps.state)))


def changes_by_kind(member: Membership, *, since: date) -> dict[Change.Kind, int]:
    """How many changes of each kind there were since the day began, the most frequent first."""
    changes = matching_changes(member, ChangeSelection(from_day=since))
    rows = changes.order_by().values_list("kind").annotate(changes=Count("id")).order_by("-changes", "kind")
    return {Change.Kind(kind): count for kind, count in rows}


class UnreadDay(NamedTuple):
    """A day whose report could not be read, or not whole; `next_at` is when it is tried again."""

    day: date
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlertsRun:
    """When the daily alerts ran last and are due next, and why the last run ended early, if it did.

    `unread` are the newest days whose report could not be read, or not whole, and when each is tried again.
    """

    last_at: datetime | None
    next_at: datetime
    reason: str
    is_refused: bool
    unread: tuple[UnreadDay, ...]


def alerts_run(*, now: datetime) -> AlertsRun | None:
    """How the daily alerts stand, in short; None where there are none. Two queries."""
    given = settings.MUSTER_ALERTS
    if not given["url"]:
        return None
    account = AlertsAccount.objects.first() or AlertsAccount()
    due_at = Timetable(given["time"], given["zone"]).next_at(now)
    tries_at = account.next_at if account.next_at and account.next_at > now else None
    unread = AlertDay.objects.filter(tries__gt=0).exclude(state=AlertDay.State.BROKEN).order_by("-day")
    return AlertsRun(
        account.ran_at,
        min(filter(None, (due_at, tries_at))),
        account.reason or account.targets_reason,
        account.refused_since is not None,
        tuple(UnreadDay(*row) for row in unread.values_list("day", "next_at")[:LISTED]),
    )


def newest_uploads(member: Membership) -> list[Operation]:
    """The newest few uploads, those under way first."""
    newest = list(uploads(member).order_by("-created_at")[:LISTED])
    return sorted(newest, key=lambda operation: operation.state not in UNDER_WAY)


def uploads_that_wait(member: Membership, *, now: datetime) -> list[Operation]:
    """Recent uploads that go on only when a person does something, newest first."""
    states = [*WAITS_FOR_A_PERSON, OperationState.DONE_WITH_FAILURES]
    mine = [kind.name for kind in upload_kinds_of(member)]
    waiting = uploads(member).filter(kind__in=mine, created_at__gte=now - RECENT, state__in=states)
    return list(waiting.order_by("-created_at")[:LISTED])
