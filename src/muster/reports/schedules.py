"""Telling people by mail of a saved report, when it is due: how many rows it has, and where it is."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localtime

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.access.queries import members_who_may
from muster.audit.operations import EventKind, record
from muster.core.counting import counted as told_count
from muster.core.schedules import Every, last_due
from muster.notices.operations import queue_email
from muster.reports.models import ReportSchedule, SavedReport
from muster.reports.running import TooLong, counted, rows_of
from muster.reports.saved import is_own, query_asked
from muster.reports.subject import UnknownSubject, subject_named

KIND = "report"
SECONDS_TO_COUNT = 60.0
MOST_RECIPIENTS = 100

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

logger = logging.getLogger(__name__)


def recipients_of(member: Membership) -> QuerySet[Membership]:
    """Those who can be told of a report: the people of the organization who may read."""
    return members_who_may(member.organization_id, Permission.READ).select_related("user")


def schedule_report(
    *, by: Membership, report: SavedReport, every: Every, on: int, recipients: Collection[int], now: datetime
) -> ReportSchedule:
    """Have a report of one's own told by mail from the next time on at which it is due, on record.

    `recipients` are members by id; who is no member of the organization is passed over. Raises
    PermissionDenied, and ValueError where nobody is left.
    """
    if report.organization_id != by.organization_id or not is_own(report, by):
        raise PermissionDenied
    members = list(recipients_of(by).filter(pk__in=recipients)[:MOST_RECIPIENTS])
    if not members:
        raise ValueError("A mail needs somebody to go to.")
    facts = {"every": every.value, "on": on, "recipients": [one.pk for one in members], "since": now}
    with transaction.atomic():
        schedule, _ = ReportSchedule.objects.update_or_create(
            report=report, defaults={**facts, "organization_id": by.organization_id}
        )
        told = f"{when_told(every, on)}, to {', '.join(one.user.email for one in members)}"
        _on_record(by, report, told)
    return schedule


def unschedule_report(*, by: Membership, report: SavedReport) -> None:
    """Have nobody told of it any more, on record. Raises PermissionDenied."""
    if report.organization_id != by.organization_id or not is_own(report, by):
        raise PermissionDenied
    with transaction.atomic():
        if ReportSchedule.objects.filter(report=report).delete()[0]:
            _on_record(by, report, "")


def _on_record(by: Membership, report: SavedReport, told: str) -> None:
    record(
        EventKind.REPORT_SCHEDULED,
        organization_id=by.organization_id,
        by_id=by.user_id,
        subject=f"report:{report.pk}",
        data={"name": report.name, "told": told},
    )


def when_told(every: Every, on: int) -> str:
    """Such as "every Monday"."""
    match every:
        case Every.DAY:
            return "every day"
        case Every.WEEK:
            return f"every {WEEKDAYS[on % len(WEEKDAYS)]}"
    return f"on day {on} of every month"


# --- The mails ------------------------------------------------------------------------------------


def send_due_reports(*, now: datetime) -> int:
    """Put a mail into the outbox for each report that is due, and each who is to be told; return how many.

    It is due from the morning of its day on (MUSTER_REMINDERS_TIME), until it was told, also where that
    comes late. Safe to run twice, and at once: a mail and the note that it was made are one transaction.
    """
    made = 0
    owned = ReportSchedule.objects.filter(
        report__owner__memberships__organization=F("organization_id"),
        report__owner__memberships__is_active=True,
        report__owner__is_active=True,
    )
    for schedule in owned.select_related("report", "organization").order_by("id"):
        try:
            due = last_due(
                Every(schedule.every),
                schedule.on,
                local=localtime(now),
                morning=settings.MUSTER_REMINDERS_TIME,
            )
            if due > schedule.since:
                made += _tell(schedule, due.date())
        except Exception:
            # The next tick tries this one again; the others must not wait for it.
            logger.exception("The mails of report %s could not be made.", schedule.report_id)
    return made


def _tell(schedule: ReportSchedule, day: date) -> int:
    """Tell those who have not been told of this day, each of the rows that they may read."""
    members = members_who_may(schedule.organization_id, Permission.READ).filter(pk__in=schedule.recipients)
    told = _told(schedule, day)
    made = 0
    counts: dict[int, str] = {}
    for member in members.exclude(pk__in=told).select_related("user", "organization"):
        mail = _mail(schedule, member, day, counts)
        with transaction.atomic():
            if _claim(schedule, member, day):
                _queue(mail, member)
                made += 1
    return made


def _told(schedule: ReportSchedule, day: date) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT recipient_id FROM reports_reportmail WHERE report_id = %s AND day = %s",
            [schedule.report_id, day],
        )
        return [recipient for (recipient,) in cursor.fetchall()]


# Whoever else is at the same mail is waited for, and finds that it was made.
_CLAIM = """
INSERT INTO reports_reportmail (organization_id, report_id, recipient_id, day) VALUES (%s, %s, %s, %s)
ON CONFLICT (report_id, recipient_id, day) DO NOTHING
"""


def _claim(schedule: ReportSchedule, member: Membership, day: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [schedule.organization_id, schedule.report_id, member.pk, day])
        return cursor.rowcount == 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportTold:
    """The facts of the mail. `found` says how many rows there are, or why that is not known."""

    name: str
    organization: str
    found: str
    when: str
    day: date
    link: str

    @property
    def subject(self) -> str:
        return f"{self.name}: {self.found}"


def _mail(schedule: ReportSchedule, member: Membership, day: date, counts: dict[int, str]) -> ReportTold:
    return ReportTold(
        name=schedule.report.name,
        organization=member.organization.name,
        found=_found(schedule.report, member, counts),
        when=when_told(Every(schedule.every), schedule.on),
        day=day,
        link=settings.MUSTER_SITE_URL + reverse("report", args=[schedule.report_id]),
    )


def _found(report: SavedReport, member: Membership, counts: dict[int, str]) -> str:
    """How many rows there are for a member; `counts` keeps what was counted, for everybody where it can."""
    try:
        subject = subject_named(report.subject)
    except UnknownSubject:
        return "there is nothing to ask any more"
    question, refused = subject.read(query_asked(report.query))
    if refused:
        return "a filter needs to be mended"
    # What is not the asker's own is the same for all who may read all of the organization.
    whose = member.pk if question.mine or member.is_limited else 0
    if whose not in counts:
        try:
            rows = counted(rows_of(subject, question, member), seconds=SECONDS_TO_COUNT)
            counts[whose] = told_count(rows, f"{subject.one},{subject.many}")
        except TooLong:
            counts[whose] = "too many rows to count"
    return counts[whose]


def _queue(mail: ReportTold, member: Membership) -> None:
    queue_email(
        organization_id=member.organization_id,
        kind=KIND,
        to=member.user.email,
        subject=mail.subject,
        text=render_to_string("reports/mail.txt", {"mail": mail}).strip() + "\n",
        html=render_to_string("reports/mail.html", {"mail": mail}),
        occasion=mail.day.isoformat(),
    )
