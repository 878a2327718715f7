"""The builder of a report with its first rows, and what is counted beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.bulk.kinds import SelectionKind, selection_kinds
from muster.console.lists.links import Heading
from muster.console.reports.address import (
    LAST_PAGE,
    MOST_ROWS,
    ROWS_A_PAGE,
    Asked,
    Edit,
    asked_in,
    edit_in,
)
from muster.console.reports.builder import builder_of
from muster.console.reports.views import saved_for, subject_for
from muster.core.counting import counted as told_count
from muster.core.table import Question, say_condition
from muster.reports.fields import Field
from muster.reports.models import SavedReport
from muster.reports.running import Group, TooLong, counted, first_texts, groups_of, rows_of, within
from muster.reports.saved import is_own, may_delete, query_asked, query_told
from muster.reports.shipped import Shipped, shipped_named
from muster.reports.subject import Subject

SECONDS = 5.0
"""So long somebody waits for the rows, or for a number, before they are told what to do."""

MOST_BARS = 50
SHORT = 24


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text under the label of its column, and where it leads."""

    label: str
    text: str
    url: str = ""

    @property
    def is_short(self) -> bool:
        """Whether it can stand in one line."""
        return len(self.text) <= SHORT


@dataclass(frozen=True, slots=True)
class Bar:
    """A group with its share of the largest, and the report of its rows alone."""

    label: str
    rows: int
    percent: float
    url: str


@require_safe
@needs(Permission.READ)
def build(request: StaffRequest, name: str) -> HttpResponse:
    """A report as the address asks for it: the builder, and the first rows."""
    subject = subject_for(name)
    edit = Edit(asked_in(request.GET, subject))
    here = reverse("report-build", args=[subject.name])
    if "edit" in request.GET:
        edit = edit_in(request.GET, subject)
        if not request.htmx:
            return redirect(here + edit.asked.query + (f"#{edit.focus}" if edit.focus else ""))
    asked = edit.asked
    question, refused = subject.read(asked.parameters)
    context = {
        "subject": subject,
        "asked": asked,
        "edit": edit,
        "here": asked.query,
        "refused": refused,
        "conditions": [say_condition(one, subject.terms[one.field]) for one in question.where],
        **builder_of(asked, subject),
        **_opened(request, asked, subject, question),
        **({} if refused else _answer(request, asked, subject, question)),
    }
    if "whole" in request.GET and not refused:
        context |= _counted(request, asked, subject, question)
        context |= _grouped(request, asked, subject, question)
    response = render(request, "reports/build.html", context)
    if "edit" in request.GET:
        response["HX-Push-Url"] = here + asked.query
    return response


def _opened(request: StaffRequest, asked: Asked, subject: Subject, question: Question) -> dict[str, Any]:
    """The report that was opened, and whether it still asks the same."""
    report: SavedReport | None = saved_for(request, asked.saved) if asked.saved else None
    if report is not None and report.subject != subject.name:
        report = None
    brought: Shipped | None = None if report else shipped_named(asked.shipped)
    if brought is not None and brought.subject != subject.name:
        brought = None
    kept = query_asked(report.query) if report else brought.asked if brought else None
    before = subject.read(kept).question if kept is not None else None
    return {
        "report": report,
        "shipped": brought,
        "name": report.name if report else brought.name if brought else subject.label,
        "is_own": report is not None and is_own(report, request.member),
        "may_delete": report is not None and may_delete(report, request.member),
        "is_changed": before is not None and query_told(before) != query_told(question),
    }


def _answer(request: StaffRequest, asked: Asked, subject: Subject, question: Question) -> dict[str, Any]:
    """The rows of the page, or why there are none."""
    fields = [subject.by_name[name] for name in asked.columns]
    skip = (asked.page - 1) * ROWS_A_PAGE
    rows = rows_of(subject, question, request.member)
    try:
        found = within(SECONDS, lambda: first_texts(rows, fields, most=ROWS_A_PAGE + 1, skip=skip))
    except TooLong as reason:
        return {"too_long": str(reason)}
    there_are_more = len(found) > ROWS_A_PAGE
    page = [[_cell(of, text) for of, text in zip(fields, row, strict=False)] for row in found[:ROWS_A_PAGE]]
    is_last = asked.page == LAST_PAGE
    return {
        "rows": page,
        "first": skip + 1,
        "last": skip + len(page),
        "headings": [_heading(asked, of) for of in fields],
        "previous_url": replace(asked, page=asked.page - 1).query if asked.page > 1 else None,
        "next_url": replace(asked, page=asked.page + 1).query if there_are_more and not is_last else None,
        "cut_at": MOST_ROWS if there_are_more and is_last else 0,
    }


def _cell(of: Field, text: str) -> Cell:
    url = reverse("producer-detail", args=[text]) if of.opens_producer and text.isdecimal() else ""
    return Cell(of.label, text, url)


def _heading(asked: Asked, of: Field) -> Heading:
    up = asked.sort == of.name
    standing = {of.name: "ascending", f"-{of.name}": "descending"}.get(asked.sort, "")
    return Heading(of.label, replace(asked, sort=f"-{of.name}" if up else of.name, page=1).query, standing)


@require_safe
@needs(Permission.READ)
def count(request: StaffRequest, name: str) -> HttpResponse:
    """How many rows there are, and what can be done with all of them: a part of the page."""
    subject = subject_for(name)
    asked = asked_in(request.GET, subject)
    question, refused = subject.read(asked.parameters)
    found = {"refused": refused} if refused else _counted(request, asked, subject, question)
    return render(
        request, "reports/count.html", {"subject": subject, "here": asked.query, "asked": asked, **found}
    )


def _counted(request: StaffRequest, asked: Asked, subject: Subject, question: Question) -> dict[str, Any]:
    total, told = None, ""
    try:
        total = counted(rows_of(subject, question, request.member), seconds=SECONDS)
    except TooLong as reason:
        told = str(reason)
    words = told_count(total, f"{subject.one},{subject.many}") if total is not None else ""
    return {
        "counted": True,
        "total": total,
        "total_told": words,
        "not_counted": told,
        "kinds": [] if total == 0 else kinds_for(request, subject),
        "operation_id": uuid4(),
    }


def kinds_for(request: StaffRequest, subject: Subject) -> list[SelectionKind]:
    """What this person may do with the rows of a subject."""
    if not subject.target:
        return []
    return [
        kind
        for kind in selection_kinds()
        if kind.target == subject.target and request.member.may(kind.permission)
    ]


@require_safe
@needs(Permission.READ)
def groups(request: StaffRequest, name: str) -> HttpResponse:
    """How many rows have each value of the field by which they are grouped: a part of the page."""
    subject = subject_for(name)
    asked = asked_in(request.GET, subject)
    question, refused = subject.read(asked.parameters)
    found = {} if refused else _grouped(request, asked, subject, question)
    return render(request, "reports/groups.html", {"subject": subject, "asked": asked, **found})


def _grouped(request: StaffRequest, asked: Asked, subject: Subject, question: Question) -> dict[str, Any]:
    if not question.group:
        return {}
    of = subject.by_name[question.group]
    rows = rows_of(subject, question, request.member)
    try:
        found: list[Group] = within(SECONDS, lambda: groups_of(rows, of, most=MOST_BARS + 1))
    except TooLong as reason:
        return {"grouped_by": of, "groups_not_counted": str(reason)}
    largest = max((one.rows for one in found), default=1)
    bars = [
        Bar(one.label, one.rows, 100 * one.rows / largest, _of_group(asked, one)) for one in found[:MOST_BARS]
    ]
    return {"grouped_by": of, "bars": bars, "more_groups": len(found) > MOST_BARS}


def _of_group(asked: Asked, group: Group) -> str:
    if group.condition is None:
        return ""
    where = tuple(dict.fromkeys((*asked.where, group.condition.told)))
    return replace(asked, where=where, group="", page=1).query
