"""The list of reminders, and the settings page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.console.lists.address import places_in
from muster.console.lists.links import links_of
from muster.console.reminders.address import query_of, selection_of
from muster.console.reminders.forms import ChoiceForm
from muster.core.counting import counted
from muster.core.reminders import DAYS
from muster.core.words import states
from muster.licenses.models import License
from muster.notices.models import Reminder, ReminderChoice
from muster.notices.queries import (
    choice_of,
    done_at_once,
    licenses_to_renew,
    next_look,
    reminder_page,
    reminders_of,
)
from muster.notices.reminders import choose_reminders


@dataclass(frozen=True, slots=True)
class Line:
    """A reminder as the list shows it; `days_left` is below zero where the license has expired."""

    reminder: Reminder
    days_left: int

    @property
    def license(self) -> License:
        return self.reminder.license

    @property
    def color(self) -> str:
        """A color of the kit; the words beside it say the same."""
        if self.days_left <= 7:
            return "red"
        return "orange" if self.days_left <= 30 else "blue"

    @property
    def expired(self) -> int:
        """So many days ago it expired; 0 where it has not."""
        return max(0, -self.days_left)


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why no reminder is open: `licenses` expire within `days`; `look_at` None: as soon as they are known."""

    morning: time
    look_at: datetime | None
    licenses: int
    days: int
    url: str


@require_safe
@needs(Permission.READ)
def reminder_list(request: StaffRequest) -> HttpResponse:
    """Licenses that expire soon, soonest first, until somebody is done with them or they are renewed."""
    member, selection = request.member, selection_of(request.GET)
    choice = choice_of(member.organization_id)
    reminders, page = reminder_page(member, selection, **places_in(request.GET))
    done_at = time_in(request.GET.get("undo", ""))
    today = timezone.localdate()
    return render(
        request,
        "reminders/list.html",
        {
            "lines": [_line(reminder, today) for reminder in reminders],
            "total": page.total,
            "selection": selection,
            "choice": choice,
            "reminders_kept": 0 if choice.in_console else reminders_of(member).count(),
            "all_days": DAYS,
            "states": states(),
            "here": query_of(selection),
            **links_of(page, selection, query_of),
            "may_act": member.may(Permission.SYNC),
            "may_choose": member.may(Permission.MANAGE_SETTINGS),
            "just_done": done_at and done_at_once(member, done_at).count(),
            "done_at": done_at and done_at.isoformat(),
            "none": None if reminders else _none(member, choice, today),
            "has_server": bool(settings.EMAIL_HOST),
        },
    )


def _none(member: Membership, choice: ReminderChoice, today: date) -> Nothing | None:
    """What the page says in place of reminders; None where the organization wants none."""
    if not choice.wanted:
        return None
    morning, days = settings.MUSTER_REMINDERS_TIME, max(choice.wanted)
    last = today + timedelta(days)
    return Nothing(
        morning,
        next_look(member.organization_id, now=timezone.now(), morning=morning),
        licenses_to_renew(member.organization_id, since=today, until=last).count(),
        days,
        f"{reverse('license-list')}?from={today}&to={last}",
    )


def _line(reminder: Reminder, today: date) -> Line:
    return Line(reminder, (reminder.expires_on - today).days)


def time_in(text: str) -> datetime | None:
    """The time that an address names, if it names one."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def reminder_settings(request: StaffRequest) -> HttpResponse:
    """How many days ahead, in which way, and to whom."""
    form = ChoiceForm(initial=ChoiceForm.told(choice_of(request.member.organization_id)))
    held = reminders_of(request.member).count()
    if request.method == "POST":
        form = ChoiceForm(request.POST)
        if form.is_valid():
            if choose_reminders(by=request.member, **form.cleaned_data):
                messages.success(request, _saved(form.cleaned_data, held))
            else:
                messages.info(request, "Nothing was changed.")
            return redirect("reminder-settings")
    return render(
        request,
        "reminders/settings.html",
        {
            "form": form,
            "morning": settings.MUSTER_REMINDERS_TIME,
            "has_server": bool(settings.EMAIL_HOST),
            "held": held,
        },
    )


def _saved(chosen: dict[str, Any], held: int) -> str:
    if not chosen["in_console"]:
        kept = f" with {counted(held, 'open reminder,open reminders')}" if held else ""
        more = "" if chosen["by_email"] else " No new reminders are made."
        return f"The settings are saved. The list{kept} is not shown until it is switched on again.{more}"
    return "The settings are saved. New reminders follow them from the next morning on; open ones stay."
