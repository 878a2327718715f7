"""A report is told of by mail when it is due, to each who is to be told, exactly once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.console.activity.sentences import tell
from muster.core.schedules import Every
from muster.core.table import Question
from muster.notices.models import Email
from muster.reports import schedules
from muster.reports.models import ReportMail, ReportSchedule, SavedReport
from muster.reports.saved import delete_report, save_report, saved_reports
from muster.reports.schedules import schedule_report, send_due_reports, unschedule_report
from muster.reports.subject import subject_named
from tests.make import make_member, make_organization, make_producer

pytestmark = pytest.mark.django_db

SET_AT = datetime(2026, 11, 19, 17, tzinfo=UTC)
NEXT_MORNING = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.fixture
def member() -> Membership:
    member = make_member(role=Role.SPECIALIST)
    make_producer(member.organization)
    return member


@pytest.fixture
def report(member: Membership) -> SavedReport:
    return save_report(
        by=member, subject=subject_named("producers"), question=Question(), name="Everybody", is_shared=False
    )


def daily(report: SavedReport, by: Membership, *recipients: Membership, **over: Any) -> ReportSchedule:
    chosen = [one.pk for one in recipients or (by,)]
    facts = {"every": Every.DAY, "on": 0, "now": SET_AT, **over}
    return schedule_report(by=by, report=report, recipients=chosen, **facts)


def test_a_mail_says_how_many_rows_there_are_and_where(member: Membership, report: SavedReport) -> None:
    daily(report, member)
    assert send_due_reports(now=NEXT_MORNING) == 1
    mail = Email.objects.get()
    assert (mail.to, mail.subject) == (member.user.email, "Everybody: 1 producer")
    assert (mail.kind, mail.occasion, mail.organization) == ("report", "2026-11-20", member.organization)
    for body in (mail.text, mail.html):
        assert f"/reports/{report.pk}/" in body
        assert "The rows stay behind your log-in" in body
        assert "every day" in body
        assert "Alder" not in body


def test_nobody_is_told_twice_of_a_day(member: Membership, report: SavedReport) -> None:
    daily(report, member)
    assert [send_due_reports(now=NEXT_MORNING + timedelta(minutes=n)) for n in range(3)] == [1, 0, 0]
    assert send_due_reports(now=NEXT_MORNING + timedelta(days=1)) == 1
    with pytest.raises(IntegrityError):
        ReportMail.objects.create(
            organization=member.organization, report=report, recipient=member, day=NEXT_MORNING.date()
        )


def test_who_was_told_meanwhile_by_another_worker_is_not_told_again(
    member: Membership, report: SavedReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily(report, member)
    send_due_reports(now=NEXT_MORNING)
    # As it looks to a worker that asked before the other one was through.
    monkeypatch.setattr(schedules, "_told", lambda schedule, day: [])
    assert send_due_reports(now=NEXT_MORNING) == 0
    assert Email.objects.count() == 1


def test_what_was_due_before_it_was_chosen_is_not_told_of(member: Membership, report: SavedReport) -> None:
    daily(report, member)
    assert send_due_reports(now=SET_AT + timedelta(hours=1)) == 0


def test_what_was_missed_is_told_of_once_when_the_worker_is_back(
    member: Membership, report: SavedReport
) -> None:
    daily(report, member, every=Every.WEEK, on=4)  # a Friday, the day after
    assert send_due_reports(now=NEXT_MORNING + timedelta(days=3)) == 1
    assert Email.objects.get().occasion == "2026-11-20"


def test_each_is_told_of_what_is_theirs_to_see(member: Membership, report: SavedReport) -> None:
    report.query = "mine=yes"
    report.save()
    colleague = make_member(member.organization, Role.VIEWER)
    daily(report, member, member, colleague)
    assert send_due_reports(now=NEXT_MORNING) == 2
    assert set(Email.objects.values_list("subject", flat=True)) == {"Everybody: 0 producers"}
    assert report in saved_reports(colleague)


@pytest.mark.parametrize("way", ["left", "deactivated", "became a producer"])
def test_who_left_the_organization_is_not_told(way: str, member: Membership, report: SavedReport) -> None:
    colleague = make_member(member.organization, Role.VIEWER)
    daily(report, member, member, colleague)
    if way == "left":
        colleague.delete()
    elif way == "deactivated":
        Membership.objects.filter(pk=colleague.pk).update(is_active=False)
    else:
        Membership.objects.filter(pk=colleague.pk).update(role=Role.PRODUCER.value)
    assert send_due_reports(now=NEXT_MORNING) == 1
    assert Email.objects.get().to == member.user.email


def test_the_reports_of_who_left_are_told_to_nobody(member: Membership, report: SavedReport) -> None:
    daily(report, member, make_member(member.organization))
    Membership.objects.filter(pk=member.pk).update(is_active=False)
    assert send_due_reports(now=NEXT_MORNING) == 0


def test_only_members_can_be_chosen_and_only_by_the_owner(member: Membership, report: SavedReport) -> None:
    stranger, colleague = make_member(make_organization()), make_member(member.organization)
    assert daily(report, member, member, stranger).recipients == [member.pk]
    with pytest.raises(ValueError, match="somebody"):
        daily(report, member, stranger)
    for other in (colleague, stranger):
        with pytest.raises(PermissionDenied):
            daily(report, other, other)
        with pytest.raises(PermissionDenied):
            unschedule_report(by=other, report=report)


def test_choosing_and_ending_are_on_record(member: Membership, report: SavedReport) -> None:
    daily(report, member, every=Every.WEEK, on=0)
    unschedule_report(by=member, report=report)
    assert [
        tell(event).text(event.data) for event in Event.objects.filter(kind="report:schedule").order_by("id")
    ] == [
        f"chose who is told of the report “Everybody” by mail: every Monday, to {member.user.email}",
        "chose who is told of the report “Everybody” by mail: nobody",
    ]
    assert send_due_reports(now=NEXT_MORNING) == 0


def test_a_report_that_is_deleted_takes_its_schedule_along(member: Membership, report: SavedReport) -> None:
    daily(report, member)
    send_due_reports(now=NEXT_MORNING)
    delete_report(by=member, report=report)
    assert not ReportSchedule.objects.exists()
    assert Email.objects.count() == 1


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"query": "where=sync_status%3Ais%3Anonsense"}, "a filter needs to be mended"),
        ({"subject": "weather"}, "there is nothing to ask any more"),
    ],
)
def test_a_report_that_cannot_be_asked_any_more_says_so(
    over: dict[str, str], says: str, member: Membership, report: SavedReport
) -> None:
    daily(report, member)
    SavedReport.objects.update(**over)
    send_due_reports(now=NEXT_MORNING)
    assert Email.objects.get().subject == f"Everybody: {says}"


def test_a_day_that_no_month_has_keeps_nobody_else_from_being_told(
    member: Membership, report: SavedReport
) -> None:
    daily(report, member, every=Every.MONTH, on=0)
    other = save_report(
        by=member, subject=subject_named("producers"), question=Question(), name="All", is_shared=False
    )
    daily(other, member)
    assert send_due_reports(now=NEXT_MORNING) == 1


def test_what_is_nobodys_own_is_counted_once_for_all(
    member: Membership, report: SavedReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    count = schedules.counted
    monkeypatch.setattr(schedules, "counted", lambda *args, **more: asked.append(1) or count(*args, **more))
    daily(report, member, member, make_member(member.organization))
    assert (send_due_reports(now=NEXT_MORNING), len(asked)) == (2, 1)


def test_one_that_breaks_does_not_keep_others_from_being_told(
    member: Membership, report: SavedReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = save_report(
        by=member, subject=subject_named("agencies"), question=Question(), name="Other", is_shared=False
    )
    daily(report, member)
    daily(other, member)
    found = schedules._found

    def broken(asked: SavedReport, reader: Membership, counts: dict[int, str]) -> str:
        if asked == report:
            raise RuntimeError("broken")
        return found(asked, reader, counts)

    monkeypatch.setattr(schedules, "_found", broken)
    assert send_due_reports(now=NEXT_MORNING) == 1
    monkeypatch.undo()
    assert send_due_reports(now=NEXT_MORNING) == 1
