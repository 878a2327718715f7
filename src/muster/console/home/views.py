"""The first page: what needs attention, the next step, and the figures, each of which leads to its list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, View, needs
from muster.access.models import Membership, User
from muster.access.permissions import Permission, Role
from muster.bulk.states import UNDER_WAY
from muster.console.appointments.words import risk_words
from muster.console.home.queries import (
    Figures,
    StateGaps,
    SyncCounts,
    alerts_run,
    figures,
    newest_uploads,
    sync_counts,
    uploads_that_wait,
)
from muster.console.home.todo import nothing_to_do, tasks, unread_words
from muster.console.statuses import LOOKS
from muster.core.scorecard import GAP_WORDS
from muster.history.models import Change
from muster.licenses.queries import Week
from muster.portals.addresses import home_path
from muster.portals.queries import last_left
from muster.producers.models import MOVING, SYNCED, WAITING_FOR_SYNC, SyncStatus

S = SyncStatus

SHOWN_STATES = 8
SHOWN_KINDS = 3

POLL = 30
POLL_MOVING = 5
POLL_KEPT = 15
"""Seconds after which the page is asked for again: at rest, while something moves, while counts are kept."""

CHANGED_WORDS = {
    Change.Kind.PRODUCER: "Names and details",
    Change.Kind.ADDRESS: "Addresses",
    Change.Kind.CONTACT: "Contacts",
    Change.Kind.LICENSE: "Licenses",
    Change.Kind.LINE: "Lines of authority",
    Change.Kind.APPOINTMENT: "Appointments",
    Change.Kind.ASSIGNMENT: "Assignments",
    Change.Kind.ACTION: "Regulatory actions",
    Change.Kind.OWN_CONTACT: "Own contact details",
    Change.Kind.EMPLOYMENT: "Employment",
    Change.Kind.BACKGROUND: "Background answers",
}


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One sync status with its count and its share of all producers in percent."""

    status: SyncStatus
    color: str
    icon: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class Share:
    """One figure of several: its name in a query, its words, and how long its bar is in percent."""

    name: str
    label: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class StateLine:
    """A state in which assignments have gaps, with its most frequent kinds of gap, and how many are left."""

    gaps: StateGaps
    kinds: list[Share]
    more: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A week of expiries, and how high its bar is in percent of the highest."""

    week: Week
    percent: float


def producers_go_home(view: View) -> View:
    """Send producers, for whom no staff page is, to their own first page: those too whose seat was closed."""

    @wraps(view)
    def answer(request: Any, *args: Any, **more: Any) -> HttpResponseBase:
        member: Membership | None = request.member
        is_producer = member.role == Role.PRODUCER if member else _was_producer(request.user)
        if is_producer:
            return redirect(home_path())
        return view(request, *args, **more)

    return answer


def _was_producer(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and last_left(user) is not None


@require_safe
@producers_go_home
@needs(Permission.READ)
def home(request: StaffRequest) -> HttpResponse:
    """Counts that lead to the lists behind them, what waits for a person, and what runs."""
    now, today = timezone.now(), timezone.localdate()
    moving = moving_context(request, now)
    counts: SyncCounts = moving["counts"]
    found = figures(request.member, now=now, today=today)
    may_import = request.member.may(Permission.IMPORT)
    waits = uploads_that_wait(request.member, now=now) if may_import else []
    may_sync = request.member.may(Permission.SYNC)
    may_release = request.member.may(Permission.RELEASE_FILINGS)
    to_do = tasks(
        waits, counts, moving["alerts"], found, today=today, may_sync=may_sync, may_release=may_release
    )
    return render(
        request,
        "home/home.html",
        {
            **moving,
            "figures": found,
            "is_known": _is_known(counts, found),
            "waits": waits,
            "step": to_do[0] if to_do else nothing_to_do(counts),
            "tasks": to_do[1:],
            "bars": _bars(found.expiring.weeks),
            "risks": _shares(found.at_risk.by_risk, risk_words),
            "changes": _shares(found.changed, CHANGED_WORDS.__getitem__),
            "gaps": [
                StateLine(
                    gaps,
                    _shares(gaps.by_kind, GAP_WORDS.__getitem__)[:SHOWN_KINDS],
                    max(0, len(gaps.by_kind) - SHOWN_KINDS),
                )
                for gaps in found.gaps[:SHOWN_STATES]
            ],
            "more_states": len(found.gaps) - SHOWN_STATES,
            "may_import": may_import,
        },
    )


def moving_context(request: StaffRequest, now: datetime) -> dict[str, Any]:
    """What moves: the sync, and the latest imports."""
    counts = sync_counts(request.member, now=now)
    operations = newest_uploads(request.member)
    alerts = alerts_run(now=now)
    under_way = any(operation.state in UNDER_WAY for operation in operations)
    return {
        "counts": counts,
        "alerts": alerts,
        "unread_words": unread_words(alerts, timezone.localdate(now)) if alerts and alerts.unread else "",
        "lines": _lines(counts),
        "in_sync": counts.of(*SYNCED),
        "waiting": counts.of(S.NOT_STARTED, *WAITING_FOR_SYNC),
        "not_found": counts.of(S.NOT_FOUND),
        "gave_up": counts.of(S.RETRY_ERROR),
        "operations": operations,
        "poll_seconds": _poll_seconds(counts, under_way),
    }


def _poll_seconds(counts: SyncCounts, under_way: bool) -> int:
    if under_way or (counts.of(*MOVING) and not counts.is_kept):
        return POLL_MOVING
    return POLL_KEPT if counts.of(*MOVING) else POLL


def _is_known(counts: SyncCounts, found: Figures) -> bool:
    """Whether the registry has told of anybody, so that a figure of zero means none."""
    return bool(counts.of(*SYNCED) or found.expiring.soon or found.expiring.expired or found.at_risk.total)


def _lines(counts: SyncCounts) -> list[StatusLine]:
    total = max(counts.total, 1)
    return [
        StatusLine(status, color, icon, count, round(count * 100 / total, 2))
        for status, (color, icon) in LOOKS.items()
        if (count := counts.of(status))
    ]


def _shares(counted: Mapping[Any, int], words: Callable[[Any], str]) -> list[Share]:
    most = max(counted.values(), default=1)
    return [
        Share(str(name), words(name), count, round(count * 100 / most, 1)) for name, count in counted.items()
    ]


def _bars(weeks: tuple[Week, ...]) -> list[Bar]:
    most = max((week.licenses for week in weeks), default=0) or 1
    return [Bar(week, round(week.licenses * 100 / most, 1)) for week in weeks]
