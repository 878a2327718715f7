"""Being done with reminders, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.reminders.address import selection_of, url_of
from muster.console.reminders.views import time_in
from muster.core.counting import counted
from muster.notices.queries import done_at_once, matching_reminders, reminders_of
from muster.notices.reminders import mark_done, reopen

MANY_DIGITS = 18


@require_POST
@needs(Permission.SYNC)
def done(request: StaffRequest) -> HttpResponse:
    """Mark as done those ticked, or all that match; the list then offers to take it back."""
    selection = selection_of(request.GET)
    if "all" in request.POST:
        chosen = matching_reminders(request.member, selection)
    else:
        chosen = reminders_of(request.member).filter(id__in=_ids(request))
    now = timezone.now()
    if mark_done(by=request.member, reminders=chosen, now=now):
        return redirect(url_of(selection, undo=now.isoformat()))
    messages.info(request, "Tick the licenses that are seen to, then press Mark as done.")
    return redirect(url_of(selection))


@require_POST
@needs(Permission.SYNC)
def undo(request: StaffRequest) -> HttpResponse:
    """Open again what one click has marked, or those ticked among the done ones."""
    selection = selection_of(request.GET)
    if at := time_in(request.POST.get("at", "")):
        chosen = done_at_once(request.member, at)
    else:
        chosen = reminders_of(request.member, done=True).filter(id__in=_ids(request))
    if opened := reopen(by=request.member, reminders=chosen):
        messages.success(request, f"{counted(opened, 'reminder is,reminders are')} open again.")
    else:
        messages.info(request, "Nothing was opened again. Tick reminders first, then press Open again.")
    return redirect(url_of(selection))


def _ids(request: StaffRequest) -> list[int]:
    """Those ticked; where a row's own button was pressed, that row alone."""
    told = request.POST.getlist("one") or request.POST.getlist("reminder")
    return [int(one) for one in told if one.isascii() and one.isdigit() and len(one) <= MANY_DIGITS]
