"""The first page: what needs attention, and the next step."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.bulk.states import UNDER_WAY
from muster.console.home.queries import SyncCounts, newest_uploads, sync_counts, uploads_that_wait
from muster.console.statuses import LOOKS
from muster.producers.models import SYNCED, WAITING_FOR_SYNC, SyncStatus

S = SyncStatus


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One sync status with its count and its share of all producers in percent."""

    status: SyncStatus
    color: str
    icon: str
    count: int
    percent: float


@require_safe
@needs(Permission.READ)
def home(request: StaffRequest) -> HttpResponse:
    """Counts that lead to the lists behind them, what waits for a person, and what runs."""
    now = timezone.now()
    counts = sync_counts(request.member, now=now)
    operations = newest_uploads(request.member)
    may_import = request.member.may(Permission.IMPORT)
    return render(
        request,
        "home/home.html",
        {
            "counts": counts,
            "lines": _lines(counts),
            "in_sync": counts.of(*SYNCED),
            "waiting": counts.of(S.NOT_STARTED, *WAITING_FOR_SYNC),
            "not_found": counts.of(S.NOT_FOUND),
            "gave_up": counts.of(S.RETRY_ERROR),
            "operations": operations,
            "moves": any(operation.state in UNDER_WAY for operation in operations),
            "waits": uploads_that_wait(request.member, now=now) if may_import else [],
            "may_import": may_import,
        },
    )


def _lines(counts: SyncCounts) -> list[StatusLine]:
    total = max(counts.total, 1)
    return [
        StatusLine(status, color, icon, count, round(count * 100 / total, 2))
        for status, (color, icon) in LOOKS.items()
        if (count := counts.of(status))
    ]
