"""The page of the registry, and its three buttons, two of which ask first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.registry.reads import (
    Run,
    is_something_to_fetch,
    list_has_shrunk,
    own_targets,
    progress_since,
    standing,
    watched,
)
from muster.core.alerts import Timetable
from muster.registry.operations import resync
from muster.registry.queue import defer_alerts

POLL_SECONDS = 4
FOLLOWED = timedelta(hours=12)
"""For so long after a button was pressed the page tells what became of it."""
SECONDS_DIGITS = 10
MOST_AT_ONCE = 100_000
"""How many are queued by one click: as many as are written while a person waits."""


@require_safe
@never_cache
@needs(Permission.READ)
def registry(request: StaffRequest) -> HttpResponse:
    """How the daily alerts stand; a run under way, or a sync asked for here, is followed to its end."""
    now = timezone.now()
    told = standing(request.member, now=now)
    moves = told.run is not Run.NONE
    asked_at, synced_at = (_moment(request.GET.get(name, ""), now) for name in ("asked", "synced"))
    progress = progress_since(request.member, synced_at) if synced_at else None
    return render(
        request,
        "registry/registry.html",
        {
            "standing": told,
            "alerts": told.alerts,
            "targets": told.targets,
            "hosts": hosts(),
            "moves": moves,
            "is_over": asked_at and not moves and not told.is_in_trouble,
            "progress": progress,
            "follows": moves or (progress and progress.waiting),
            "here": request.get_full_path(),
            "poll_seconds": POLL_SECONDS,
            "may_act": request.member.may(Permission.MANAGE_SETTINGS),
        },
    )


def _moment(text: str, now: datetime) -> datetime | None:
    """The moment in the address at which a button was pressed; None where that is none of the last hours."""
    if not (text.isascii() and text.isdigit() and len(text) <= SECONDS_DIGITS):
        return None
    moment = datetime.fromtimestamp(int(text), UTC)
    return moment if now - FOLLOWED <= moment <= now else None


def _follow(what: str) -> HttpResponse:
    return redirect(f"{reverse('registry')}?{what}={int(timezone.now().timestamp())}")


def hosts() -> list[tuple[str, str]]:
    """The machines that answer, by what each is asked for. Addresses may bear secrets, hosts do not."""
    services = (("Reports", settings.MUSTER_REGISTRY["url"]), ("Daily alerts", settings.MUSTER_ALERTS["url"]))
    return [(name, _host(url)) for name, url in services]


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or "not set"


@require_POST
@needs(Permission.MANAGE_SETTINGS)
def fetch(request: StaffRequest) -> HttpResponse:
    """Have what is due of the alerts fetched now, also what waits after a failed try."""
    now, given = timezone.now(), settings.MUSTER_ALERTS
    if not given["url"]:
        messages.info(request, "There is no alerts service: an operator sets MUSTER_ALERTS_URL.")
    elif is_something_to_fetch(now=now):
        defer_alerts(at_once=True)
        return _follow("asked")
    else:
        due_at = timezone.localtime(Timetable(given["time"], given["zone"]).next_at(now))
        told = date_format(due_at, "l, M j, g:i A")
        messages.info(request, f"Nothing is due. The next report comes {told}.")
    return redirect("registry")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def subscription(request: StaffRequest) -> HttpResponse:
    """Have the registry watch exactly whom we want watched, once a person has seen what it costs.

    Also where its list has lost many of them: Muster does not fill such a list again by itself.
    """
    if request.method == "POST":
        defer_alerts(at_once=True, restore="restore" in request.POST)
        return _follow("asked")
    told = {"targets": own_targets(request.member), "has_shrunk": list_has_shrunk()}
    return render(request, "registry/subscription.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def resync_watched(request: StaffRequest) -> HttpResponse:
    """Ask the registry again about every producer who is watched, once that is confirmed."""
    mine = watched(request.member)
    count = mine.order_by()[: MOST_AT_ONCE + 1].count()
    if request.method == "POST" and count <= MOST_AT_ONCE:
        if resync(member=request.member, producers=mine, now=timezone.now()):
            return _follow("synced")
        messages.info(request, "Nothing to do: there is nobody who is not being synced this moment.")
        return redirect("registry")
    return render(request, "registry/resync.html", {"count": count, "most": MOST_AT_ONCE})
