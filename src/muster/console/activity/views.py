"""The organization's event log, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.audit.models import Event
from muster.audit.queries import newest_events
from muster.console.activity.links import link_of
from muster.console.activity.sentences import tell
from muster.console.lists.address import before_in

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the page shows it. `link` is what it was about, where that has a page."""

    event: Event
    day: date
    doer: str
    icon: str
    color: str
    text: str
    link: str | None


@require_safe
@needs(Permission.MANAGE_USERS)
def activity(request: StaffRequest) -> HttpResponse:
    """What people and jobs did, a page of fifty at a time."""
    before = before_in(request.GET)
    events = newest_events(request.member, before=before, limit=PAGE + 1)
    lines = [_line(event) for event in events[:PAGE]]
    return render(
        request,
        "activity/activity.html",
        {
            "lines": lines,
            "first_url": "?" if before else None,
            "next_url": f"?before={lines[-1].event.id}" if len(events) > PAGE else None,
        },
    )


def _line(event: Event) -> Line:
    words = tell(event)
    return Line(
        event=event,
        day=localtime(event.at).date(),
        doer=_doer(event, by_job=words.by_job),
        icon=words.icon,
        color=words.color,
        text=words.text(event.data),
        link=link_of(event),
    )


def _doer(event: Event, *, by_job: bool) -> str:
    if event.by and not by_job:
        return str(event.by)
    return "Somebody" if event.kind.startswith("user:") else "Muster"
