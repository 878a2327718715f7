"""The reports that there are, and choosing what a new one is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.lists.address import search_in
from muster.console.reports.address import Asked, asked_by_shipped
from muster.core.table import YES
from muster.reports.models import SavedReport
from muster.reports.saved import is_own, may_delete, query_asked, saved_reports
from muster.reports.shipped import SHIPPED, shipped_named
from muster.reports.subject import Subject, UnknownSubject, subject_named, subjects


@dataclass(frozen=True, slots=True)
class Line:
    """A saved report as the list shows it."""

    report: SavedReport
    about: str
    is_own: bool
    may_delete: bool
    is_told: bool


@dataclass(frozen=True, slots=True)
class Folder:
    """Reports that lie together; the name is empty for those outside any folder."""

    name: str
    lines: list[Line]


@require_safe
@needs(Permission.READ)
def report_list(request: StaffRequest) -> HttpResponse:
    """The reports of one's own, those that others share, and those that Muster brings along."""
    search = search_in(request.GET)
    lines = [_line(report, request) for report in saved_reports(request.member)]
    found = [one for one in lines if _matches(search, one.report.name, one.report.folder, one.about)]
    shipped = [
        (one, subject_named(one.subject).label)
        for one in SHIPPED
        if _matches(search, one.name, one.summary, subject_named(one.subject).label)
    ]
    return render(
        request,
        "reports/list.html",
        {
            "search": search,
            "own": _folders(one for one in found if one.is_own),
            "shared": _folders(one for one in found if not one.is_own),
            "shipped": shipped,
            "has_saved": bool(lines),
        },
    )


def _line(report: SavedReport, request: StaffRequest) -> Line:
    try:
        about = subject_named(report.subject).label
    except UnknownSubject:
        about = "No longer known"
    return Line(
        report,
        about,
        is_own(report, request.member),
        may_delete(report, request.member),
        hasattr(report, "schedule"),
    )


def _folders(lines: Iterable[Line]) -> list[Folder]:
    ordered = sorted(lines, key=lambda one: (one.report.folder.casefold(), one.report.name.casefold()))
    return [
        Folder(under[0].report.folder, under)
        for _, group in groupby(ordered, lambda one: one.report.folder.casefold())
        for under in [list(group)]
    ]


def _matches(search: str, *texts: str) -> bool:
    told = " ".join(texts).casefold()
    return all(word in told for word in search.casefold().split())


@require_safe
@needs(Permission.READ)
def report_new(request: StaffRequest) -> HttpResponse:
    """Choose what a new report is about."""
    search = search_in(request.GET)
    found = [one for one in subjects() if _matches(search, one.label, one.summary)]
    return render(request, "reports/new.html", {"search": search, "subjects": found})


@require_safe
@needs(Permission.READ)
def report(request: StaffRequest, report_id: int) -> HttpResponse:
    """A saved report, opened with its query."""
    found = saved_for(request, report_id)
    subject = subject_for(found.subject)
    # As it was written, so that what means nothing any more is said and can be mended.
    asked = query_asked(found.query)
    question, _ = subject.read(asked)
    address = Asked(
        columns=question.columns or subject.columns,
        where=tuple(asked.get("where", ())),
        sort=question.sort,
        group=question.group,
        mine=YES in asked.get("mine", ()),
        saved=str(found.pk),
    )
    return redirect(reverse("report-build", args=[subject.name]) + address.query)


@require_safe
@needs(Permission.READ)
def shipped(request: StaffRequest, slug: str) -> HttpResponse:
    """A report that Muster brings along, opened with its query."""
    found = shipped_named(slug)
    if found is None:
        raise Http404
    return redirect(reverse("report-build", args=[found.subject]) + asked_by_shipped(found).query)


def subject_for(name: str) -> Subject:
    """What a report is about, by name. Raises Http404."""
    try:
        return subject_named(name)
    except UnknownSubject:
        raise Http404 from None


def saved_for(request: StaffRequest, report_id: int | str) -> SavedReport:
    """A report that the person may run. Raises Http404."""
    return get_object_or_404(saved_reports(request.member), pk=report_id)
