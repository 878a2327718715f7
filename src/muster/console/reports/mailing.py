"""Choosing how often a saved report is told of by mail, and to whom."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.reports.forms import MailForm
from muster.console.reports.views import saved_for
from muster.core.schedules import Every
from muster.reports.saved import is_own
from muster.reports.schedules import schedule_report, unschedule_report, when_told


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.READ)
def mail(request: StaffRequest, report_id: int) -> HttpResponse:
    """The schedule of a report of one's own."""
    report = saved_for(request, report_id)
    if not is_own(report, request.member):
        raise PermissionDenied
    schedule = getattr(report, "schedule", None)
    if request.method == "POST" and "end" in request.POST:
        unschedule_report(by=request.member, report=report)
        messages.success(request, f"Nobody is told of “{report.name}” by mail any more.")
        return redirect("report", report.pk)
    form = MailForm(
        request.POST or None, initial=MailForm.told(schedule, request.member), member=request.member
    )
    if form.is_valid():
        every = Every(form.cleaned_data["every"])
        schedule_report(
            by=request.member,
            report=report,
            every=every,
            on=form.on,
            recipients=form.cleaned_data["recipients"],
            now=timezone.now(),
        )
        messages.success(request, f"“{report.name}” is told of {when_told(every, form.on)}.")
        return redirect("report", report.pk)
    return render(request, "reports/schedule.html", {"form": form, "report": report, "schedule": schedule})
