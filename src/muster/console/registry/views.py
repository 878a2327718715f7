"""The page of the registry, and its three buttons, two of which ask first."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.registry.reads import Run, list_has_shrunk, own_targets, standing, watched
from muster.core.counting import counted
from muster.registry.operations import resync
from muster.registry.queue import defer_alerts

POLL_SECONDS = 4
MOST_AT_ONCE = 100_000
"""How many are queued by one click: as many as are written while a person waits."""


@require_safe
@never_cache
@needs(Permission.READ)
def registry(request: StaffRequest) -> HttpResponse:
    """How the daily alerts stand; while a run is under way, the page follows it."""
    told = standing(request.member, now=timezone.now())
    return render(
        request,
        "registry/registry.html",
        {
            "standing": told,
            "alerts": told.alerts,
            "targets": told.targets,
            "hosts": hosts(),
            "moves": told.run is not Run.NONE,
            "poll_seconds": POLL_SECONDS,
            "may_act": request.member.may(Permission.MANAGE_SETTINGS),
        },
    )


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
    defer_alerts(at_once=True)
    messages.success(request, "The daily alerts are fetched as soon as a worker is free.")
    return redirect("registry")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def subscription(request: StaffRequest) -> HttpResponse:
    """Have the registry watch exactly whom we want watched, once a person has seen what it costs.

    Also where its list has lost many of them: Muster does not fill such a list again by itself.
    """
    if request.method == "POST":
        defer_alerts(at_once=True, restore="restore" in request.POST)
        messages.success(request, "The subscription is brought up to date as soon as a worker is free.")
        return redirect("registry")
    told = {"targets": own_targets(request.member), "has_shrunk": list_has_shrunk()}
    return render(request, "registry/subscription.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def resync_watched(request: StaffRequest) -> HttpResponse:
    """Ask the registry again about every producer who is watched, once that is confirmed."""
    mine = watched(request.member)
    count = mine.order_by()[: MOST_AT_ONCE + 1].count()
    if request.method == "POST" and count <= MOST_AT_ONCE:
        queued = resync(member=request.member, producers=mine, now=timezone.now())
        if queued:
            messages.success(
                request, f"The registry is asked again about {counted(queued, 'producer,producers')}."
            )
        else:
            messages.info(request, "Nothing to do: there is nobody who is not being synced this moment.")
        return redirect("registry")
    return render(request, "registry/resync.html", {"count": count, "most": MOST_AT_ONCE})
