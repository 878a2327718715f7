"""Saved reports: whose they are, who may run and change them, what they are called; and those shipped."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.core.table import Condition, Operator, Question
from muster.reports.models import LONGEST_NAME, LONGEST_QUERY, SavedReport
from muster.reports.running import rows_of
from muster.reports.saved import (
    CannotSave,
    change_report,
    delete_report,
    keep_question,
    query_asked,
    save_report,
    saved_reports,
)
from muster.reports.shipped import SHIPPED, Shipped
from muster.reports.subject import subject_named
from tests.make import make_member, make_organization

pytestmark = pytest.mark.django_db

SUBJECT = subject_named("appointments")
QUESTION = Question(("npn", "state"), (Condition("line", Operator.ONE_OF, ("Life & Health", "a=b")),), "-npn")


@pytest.fixture
def member() -> Membership:
    return make_member(role=Role.SPECIALIST)


def saved(member: Membership, name: str = "Mine", *, is_shared: bool = False) -> SavedReport:
    return save_report(by=member, subject=SUBJECT, question=QUESTION, name=name, is_shared=is_shared)


def test_a_report_asks_again_what_was_saved(member: Membership) -> None:
    report = saved(member)
    assert SUBJECT.read(query_asked(report.query)) == (QUESTION, ())
    keep_question(by=member, report=report, question=Question(("npn",)))
    report.refresh_from_db()
    assert SUBJECT.read(query_asked(report.query)) == (Question(("npn",)), ())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("  ", "Give the report a name"),
        ("MINE", "You have a report “MINE” already. Choose another name"),
        ("x" * (LONGEST_NAME + 1), "at most 80 letters"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_what_to_do(name: str, says: str, member: Membership) -> None:
    saved(member)
    with pytest.raises(CannotSave, match=says):
        saved(member, name)


def test_others_may_use_the_same_name(member: Membership) -> None:
    saved(member)
    saved(make_member(member.organization))
    saved(make_member(make_organization()))
    assert SavedReport.objects.count() == 3


def test_a_question_that_is_too_long_to_be_kept_is_refused(member: Membership) -> None:
    values = tuple(f"line number {number}" for number in range(LONGEST_QUERY // 10))
    question = Question(where=(Condition("line", Operator.ONE_OF, values),))
    with pytest.raises(CannotSave, match="too many values"):
        save_report(by=member, subject=SUBJECT, question=question, name="Long", is_shared=False)


def test_others_see_what_is_shared_and_change_none_of_it(member: Membership) -> None:
    colleague, stranger = make_member(member.organization, Role.SPECIALIST), make_member(make_organization())
    own, shared = saved(member, "Own"), saved(member, "Shared", is_shared=True)
    assert set(saved_reports(member)) == {own, shared}
    assert set(saved_reports(colleague)) == {shared}
    assert set(saved_reports(stranger)) == set()
    for other in (colleague, stranger):
        with pytest.raises(PermissionDenied):
            change_report(by=other, report=shared, name="Theirs", folder="", is_shared=False)
        with pytest.raises(PermissionDenied):
            keep_question(by=other, report=shared, question=Question())
        with pytest.raises(PermissionDenied):
            delete_report(by=other, report=shared)


def test_an_admin_may_delete_what_is_shared_on_record(member: Membership) -> None:
    admin = make_member(member.organization, Role.ADMIN)
    own, shared = saved(member, "Own"), saved(member, "Shared", is_shared=True)
    with pytest.raises(PermissionDenied):
        delete_report(by=admin, report=own)
    delete_report(by=admin, report=shared)
    assert Event.objects.get(kind="report:delete").data["name"] == "Shared"
    delete_report(by=member, report=own)
    assert not SavedReport.objects.exists()


def test_a_report_is_renamed_put_into_a_folder_and_shared(member: Membership) -> None:
    report = saved(member)
    change_report(by=member, report=report, name=" Ours  now ", folder="Q1", is_shared=True)
    report.refresh_from_db()
    assert (report.name, report.folder, report.is_shared) == ("Ours now", "Q1", True)
    saved(member, "Other")
    with pytest.raises(CannotSave):
        change_report(by=member, report=report, name="other", folder="", is_shared=False)


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda one: one.slug)
def test_a_shipped_report_can_be_run(member: Membership, shipped: Shipped) -> None:
    subject = subject_named(shipped.subject)
    question, refused = subject.read(shipped.asked)
    assert refused == ()
    assert question.columns == shipped.columns
    assert (question.sort, question.group) == (shipped.sort, shipped.group)
    assert list(rows_of(subject, question, member)) == []


def test_the_shipped_reports_have_names_of_their_own() -> None:
    assert len({one.slug for one in SHIPPED}) == len({one.name.casefold() for one in SHIPPED}) == len(SHIPPED)
