"""Saving a report, giving it another name, sharing it, deleting it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.console.reports.address import asked_in
from muster.console.reports.forms import ReportForm
from muster.console.reports.views import saved_for, subject_for
from muster.core.table import say_condition
from muster.reports.saved import (
    CannotSave,
    change_report,
    delete_report,
    is_own,
    keep_question,
    may_delete,
    save_report,
    saved_reports,
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.READ)
def save(request: StaffRequest, name: str) -> HttpResponse:
    """Save what the address asks as a report of one's own."""
    subject = subject_for(name)
    asked = asked_in(request.GET, subject)
    back = reverse("report-build", args=[subject.name]) + asked.query
    question, refused = subject.read(asked.parameters)
    if refused:
        messages.error(request, f"Not saved. {refused[0]}")
        return redirect(back)
    form = ReportForm(request.POST or None)
    if form.is_valid():
        try:
            report = save_report(by=request.member, subject=subject, question=question, **form.cleaned_data)
        except CannotSave as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, f"“{report.name}” is saved.")
            return redirect("report", report.pk)
    return render(
        request,
        "reports/save.html",
        {
            "form": form,
            "subject": subject,
            "back": back,
            "labels": [subject.by_name[column].label for column in asked.columns],
            "conditions": [say_condition(one, subject.terms[one.field]) for one in question.where],
            "folders": folders_of(request.member),
        },
    )


def folders_of(member: Membership) -> list[str]:
    """The folders that the member has made so far."""
    own = saved_reports(member).filter(owner=member.user_id).exclude(folder="").order_by("folder")
    return list(own.values_list("folder", flat=True).distinct())


@require_POST
@needs(Permission.READ)
def keep(request: StaffRequest, report_id: int) -> HttpResponse:
    """Let a report of one's own ask from now on what the address asks."""
    report = saved_for(request, report_id)
    subject = subject_for(report.subject)
    asked = asked_in(request.GET, subject)
    question, refused = subject.read(asked.parameters)
    if refused:
        messages.error(request, f"Not saved. {refused[0]}")
        return redirect(reverse("report-build", args=[subject.name]) + asked.query)
    try:
        keep_question(by=request.member, report=report, question=question)
    except CannotSave as problem:
        messages.error(request, str(problem))
        return redirect(reverse("report-build", args=[subject.name]) + asked.query)
    messages.success(request, f"“{report.name}” is saved.")
    return redirect("report", report.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.READ)
def change(request: StaffRequest, report_id: int) -> HttpResponse:
    """Another name or folder for a report of one's own, and whether it is shared."""
    report = saved_for(request, report_id)
    if not is_own(report, request.member):
        raise PermissionDenied
    called = report.name
    before = {"name": report.name, "folder": report.folder, "is_shared": report.is_shared}
    form = ReportForm(request.POST or None, initial=before)
    if form.is_valid():
        try:
            change_report(by=request.member, report=report, **form.cleaned_data)
        except CannotSave as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, f"“{report.name}” is saved.")
            return redirect("report", report.pk)
    return render(
        request,
        "reports/settings.html",
        {"form": form, "report": report, "called": called, "folders": folders_of(request.member)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.READ)
def delete(request: StaffRequest, report_id: int) -> HttpResponse:
    """Delete a report, once that is confirmed."""
    report = saved_for(request, report_id)
    if not may_delete(report, request.member):
        raise PermissionDenied
    if request.method == "POST":
        delete_report(by=request.member, report=report)
        messages.success(request, f"“{report.name}” is deleted.")
        return redirect("report-list")
    return render(
        request, "reports/delete.html", {"report": report, "is_own": is_own(report, request.member)}
    )
