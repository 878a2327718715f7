"""Reports that people saved: reading them, and every change of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.core.table import Question, write_question
from muster.reports.models import LONGEST_NAME, LONGEST_QUERY, SavedReport
from muster.reports.subject import Subject


class CannotSave(ValueError):
    """What keeps a report from being saved, and what to do about it."""


def saved_reports(member: Membership) -> QuerySet[SavedReport]:
    """The reports that the member may run: their own, those shared, and those they are told of by mail."""
    visible: QuerySet[SavedReport] = SavedReport.objects.visible_to(member, Permission.READ)
    theirs = Q(owner=member.user_id) | Q(is_shared=True) | Q(schedule__recipients__contains=[member.pk])
    return visible.filter(theirs).select_related("owner", "schedule")


def is_own(report: SavedReport, member: Membership) -> bool:
    """Whether the member may change it."""
    return report.owner_id == member.user_id


def may_delete(report: SavedReport, member: Membership) -> bool:
    """Whether the member may delete it: an Agency Admin those that are shared, too."""
    return is_own(report, member) or (report.is_shared and member.may(Permission.MANAGE_SETTINGS))


def query_told(question: Question) -> str:
    """The query that asks the question, as it is kept and as addresses write it."""
    return urlencode(write_question(question), doseq=True)


def query_asked(query: str) -> Mapping[str, Sequence[str]]:
    """A query that was kept, as the parameters of an address."""
    return parse_qs(query, keep_blank_values=True)


def save_report(
    *, by: Membership, subject: Subject, question: Question, name: str, folder: str = "", is_shared: bool
) -> SavedReport:
    """Save a question as a report of one's own. Raises CannotSave, and PermissionDenied."""
    if not by.may(Permission.READ):
        raise PermissionDenied
    report = SavedReport(
        organization_id=by.organization_id,
        owner_id=by.user_id,
        subject=subject.name,
        query=_query(question),
        name=_name(name),
        folder=_folder(folder),
        is_shared=is_shared,
    )
    _write(report)
    return report


def change_report(*, by: Membership, report: SavedReport, name: str, folder: str, is_shared: bool) -> None:
    """Give a report another name or folder, share it or no longer. Raises CannotSave, PermissionDenied."""
    _own(report, by)
    report.name, report.folder, report.is_shared = _name(name), _folder(folder), is_shared
    _write(report)


def keep_question(*, by: Membership, report: SavedReport, question: Question) -> None:
    """Let a report ask another question from now on. Raises CannotSave, PermissionDenied."""
    _own(report, by)
    report.query = _query(question)
    _write(report)


def delete_report(*, by: Membership, report: SavedReport) -> None:
    """Delete a report and its schedule, on record. Raises PermissionDenied."""
    if report.organization_id != by.organization_id or not may_delete(report, by):
        raise PermissionDenied
    with transaction.atomic():
        record(
            EventKind.REPORT_DELETED,
            organization_id=by.organization_id,
            by_id=by.user_id,
            subject=f"report:{report.pk}",
            data={"name": report.name, "of": report.subject, "owner": report.owner_id},
        )
        report.delete()


def _own(report: SavedReport, by: Membership) -> None:
    if report.organization_id != by.organization_id or not is_own(report, by):
        raise PermissionDenied


def _write(report: SavedReport) -> None:
    report.updated_at = Now()
    try:
        with transaction.atomic():
            report.save()
    except IntegrityError as error:
        if "saved_report_name_once" not in str(error):
            raise
        raise CannotSave(
            f"You have a report “{report.name}” already. "
            "Choose another name, or open that one and save it there."
        ) from None


def _name(text: str) -> str:
    name = " ".join(text.replace("\0", "").split())
    if not name:
        raise CannotSave("Give the report a name, so that you find it again.")
    return _short(name, "name")


def _folder(text: str) -> str:
    return _short(" ".join(text.replace("\0", "").split()), "folder's name")


def _short(text: str, what: str) -> str:
    if len(text) > LONGEST_NAME:
        raise CannotSave(f"A {what} has at most {LONGEST_NAME} letters. Shorten it.")
    return text


def _query(question: Question) -> str:
    query = query_told(question)
    if len(query) > LONGEST_QUERY:
        raise CannotSave("The filters have too many values to be kept. Use fewer, or “starts with”.")
    return query
