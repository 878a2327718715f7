"""Removing producers: they leave everything at once, nothing of them is lost, and it happens once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission, Role
from muster.appointments.models import Appointment
from muster.appointments.queries import at_risk, visible_appointments
from muster.assignments.models import Assignment
from muster.audit.models import Event
from muster.bulk.models import Item, OperationState, Policy
from muster.bulk.operations import process
from muster.history.models import Change, Source
from muster.licenses.models import License
from muster.licenses.queries import expiring, visible_licenses
from muster.notices.models import Reminder
from muster.notices.queries import reminders_of
from muster.producers.models import Producer, Tenure
from muster.producers.queries import Selection, agency_page, matching, visible_producers
from muster.registry.operations import claim, due_at, queue_for_sync, resync
from muster.reports.subject import subject_named
from muster.scorecards.models import Gap, Judgment, Scorecard
from muster.scorecards.operations import judge_producers, sweep
from muster.scorecards.queries import standing
from muster.transactions.models import Batch, Transaction
from muster.transactions.settling import take_effect
from tests.make import (
    make_agency,
    make_appointment,
    make_assignment,
    make_company,
    make_license,
    make_member,
    make_producer,
    make_transaction,
)
from tests.offboarding.removals import add_again, choose, confirm, fresh, remove
from tests.transactions.acting import act, finish, refusals, start
from tests.transactions.appointing import make_californian, make_carrier_desk
from tests.transactions.licensing import renew, wish, wish_for
from tests.transactions.test_appoint import checked, row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member() -> Membership:
    made = make_member(name="Ines Duarte")
    make_company(made.organization)
    return made


def make_whole(member: Membership, **over: Any) -> Producer:
    """A producer of whom there is something in every list."""
    synced = {"sync_status": "success", "synced_at": timezone.now()}
    producer = make_producer(member.organization, **{**synced, **over})
    soon = timezone.localdate() + timedelta(days=5)
    license = make_license(producer, expires_on=soon)
    make_appointment(producer, health="at_risk", risks=["license_expired"])
    make_assignment(producer)
    judge_producers(producer_ids=[producer.pk], today=timezone.localdate(), now=timezone.now())
    Reminder.objects.create(
        organization=member.organization, license=license, expires_on=soon, days=7, made_at=timezone.now()
    )
    return producer


LISTS: dict[str, Callable[[Membership], int]] = {
    "producers": lambda member: visible_producers(member).count(),
    "a search": lambda member: matching(visible_producers(member), Selection(search="Alder")).count(),
    "licenses": lambda member: visible_licenses(member).count(),
    "licenses that expire": lambda member: expiring(member, today=timezone.localdate()).soon,
    "appointments": lambda member: visible_appointments(member).count(),
    "appointments at risk": lambda member: at_risk(member).total,
    "assignments": lambda member: Assignment.objects.visible_to(member, Permission.READ).count(),
    "scorecards": lambda member: sum(standing(member)),
    "gaps": lambda member: Gap.objects.visible_to(member, Permission.READ).count() and 1,
    "reminders": lambda member: reminders_of(member).count(),
    "members of agencies": lambda member: sum(one.members for one in agency_page(member)[0]),
}


def counts(member: Membership) -> dict[str, int]:
    return {name: count(member) for name, count in LISTS.items()}


def test_who_is_removed_leaves_every_list_at_once_and_who_comes_back_is_in_all_again(
    member: Membership,
) -> None:
    producer = make_whole(member, agency=make_agency(member.organization))
    assert counts(member) == dict.fromkeys(LISTS, 1)
    remove(member, producer)
    assert counts(member) == dict.fromkeys(LISTS, 0)
    add_again(member, producer)
    Producer.objects.filter(pk=producer.pk).update(sync_status="success")
    sweep(today=timezone.localdate(), now=timezone.now())
    assert counts(member) == dict.fromkeys(LISTS, 1)


@pytest.mark.parametrize(
    "name", ["producers", "licenses", "appointments", "licensing-with-appointments", "assignments"]
)
def test_who_is_removed_is_in_no_report(member: Membership, name: str) -> None:
    subject = subject_named(name)
    producer = make_whole(member)
    assert subject.rows(member).count() == 1
    remove(member, producer)
    assert subject.rows(member).count() == 0


def test_nothing_of_somebody_who_is_removed_is_lost(member: Membership) -> None:
    producer = make_whole(member)
    kept = (License, Appointment, Assignment, Transaction)
    make_transaction(producer, status="accepted")
    before = [model.objects.count() for model in kept]
    remove(member, producer)
    assert [model.objects.count() for model in kept] == before
    assert Producer.objects.ever_visible_to(member, Permission.READ).get() == producer


def test_the_record_says_when_by_whom_and_in_which_operation(member: Membership) -> None:
    producer = make_producer(member.organization, created_at=timezone.now() - timedelta(days=400))
    operation = remove(member, producer)
    removed = fresh(producer)
    [tenure] = Tenure.objects.all()
    assert (tenure.began_at, tenure.ended_at) == (removed.created_at, removed.removed_at)
    assert (tenure.ended_by, tenure.operation_id) == (member.user, operation.pk)
    assert not removed.is_watched
    [change] = Change.objects.filter(producer_id=producer.pk, new__has_key="removed_at")
    assert (change.source, change.by, change.operation_id) == (Source.PERSON, member.user, operation.pk)
    [event] = Event.objects.filter(kind="producer:remove")
    assert (event.by, event.subject) == (member.user, f"producer:{producer.pk}")
    assert event.data == {"producers": 1, "ids": [producer.pk]}


def test_each_time_here_is_on_record_and_links_to_the_same_history(member: Membership) -> None:
    producer = make_producer(member.organization)
    remove(member, producer)
    assert add_again(member, producer) == {producer.pk}
    back = fresh(producer)
    assert (back.removed_at, back.is_watched, back.sync_status) == (None, True, "queued")
    remove(member, producer)
    add_again(member, producer)
    ended = [one.ended_at is not None for one in Tenure.objects.order_by("began_at")]
    assert ended == [True, True, False]
    told = Change.objects.filter(producer_id=producer.pk, new__has_key="removed_at").order_by("id")
    assert [bool(one.new["removed_at"]) for one in told] == [True, False, True, False]


def test_adding_again_somebody_who_is_here_changes_nothing(member: Membership) -> None:
    producer = make_producer(member.organization)
    assert add_again(member, producer) == set()
    assert not Tenure.objects.exists()


def test_whoever_is_removed_is_synced_no_more(member: Membership) -> None:
    now = timezone.now()
    producer = make_producer(member.organization, sync_status="timeout", sync_next_at=now)
    remove(member, producer)
    everybody = Producer.objects.all()
    assert resync(member=member, producers=everybody, now=now) == 0
    assert queue_for_sync(producers=everybody, now=now) == 0
    assert due_at() is None
    assert claim(limit=5, now=now + timedelta(hours=1)) == []


def test_what_is_being_fetched_of_somebody_who_is_removed_judges_nothing(member: Membership) -> None:
    producer = make_whole(member)
    remove(member, producer)
    judge_producers(producer_ids=[producer.pk], today=timezone.localdate(), now=timezone.now())
    sweep(today=timezone.localdate(), now=timezone.now())
    assert not Scorecard.objects.exists()
    assert not Judgment.objects.exists()


def test_what_ends_afterwards_of_somebody_who_was_removed_is_written_and_judges_nothing(
    member: Membership,
) -> None:
    producer = make_producer(member.organization)
    appointment = make_appointment(producer)
    told = {name: getattr(appointment, name) for name in ("cocode", "line_code", "line_name")}
    one = make_transaction(producer, kind="termination", status="accepted", **told)
    remove(member, producer)
    with transaction.atomic():
        take_effect(ids=[one.pk], origin="filed", source=Source.REGISTRY, now=timezone.now())
    appointment.refresh_from_db()
    assert appointment.status == "Terminated"
    assert not Judgment.objects.exists()


LATE: dict[str, Callable[[License], Any]] = {
    "a license": lambda license: wish_for(wish(license.producer, "NV")),
    "a renewal": lambda license: renew(license.producer, license.pk),
}


@pytest.mark.parametrize("name", LATE)
def test_no_license_is_asked_for_where_the_removal_came_first(member: Membership, name: str) -> None:
    soon = timezone.localdate() + timedelta(days=5)
    here, gone = (make_license(make_producer(member.organization), expires_on=soon) for _ in range(2))
    remove(member, gone.producer)
    for one in (here, gone):
        LATE[name](one)
    assert Transaction.objects.get().producer == here.producer


def test_no_appointment_is_asked_for_where_the_removal_came_between() -> None:
    desk, _ = make_carrier_desk()
    here, gone = (make_californian(desk) for _ in range(2))
    operation = checked(desk, [row(here), row(gone)])
    remove(desk, gone)
    process(operation=operation, member=desk, policy=Policy.GOOD_ROWS, now=timezone.now(), defer=False)
    finish(operation)
    assert {one.producer for one in Transaction.objects.all()} == {here}


OPEN = {
    "appointment": ("ready", "canceled"),
    "license": ("ready", "canceled"),
    "renewal": ("ready", "canceled"),
    "termination": ("ready", "ready"),
}


@pytest.mark.parametrize("kind", OPEN)
def test_what_was_not_sent_is_given_up_but_ends_go_on(member: Membership, kind: str) -> None:
    before, after = OPEN[kind]
    one = make_transaction(make_producer(member.organization), kind=kind, status=before)
    remove(member, one.producer)
    one.refresh_from_db()
    assert one.status == after
    assert one.note == ("The producer was removed." if after == "canceled" else "")
    batch = Batch.objects.get()
    assert batch.state == ("done" if after == "canceled" else "draft")


@pytest.mark.parametrize(
    "status", ["submitting", "outcome_unknown", "submitted", "action_required", "accepted"]
)
def test_what_the_registry_has_is_decided_there(member: Membership, status: str) -> None:
    one = make_transaction(make_producer(member.organization), status=status)
    remove(member, one.producer)
    one.refresh_from_db()
    assert one.status == status


@pytest.mark.parametrize(
    ("action", "status"), [("reopen-transactions", "canceled"), ("retry-transactions", "rejected")]
)
def test_nothing_is_filed_anew_for_somebody_who_is_removed(
    member: Membership, action: str, status: str
) -> None:
    one = make_transaction(make_producer(member.organization), status=status)
    operation = start(member, action, [one])
    remove(member, one.producer)
    assert refusals(start(member, action, [one])) == {1: "TXN-E105"}
    assert operation.state == OperationState.READY


def test_nothing_is_filed_anew_where_the_removal_came_between(member: Membership) -> None:
    one = make_transaction(make_producer(member.organization), status="canceled")
    operation = act(member, "reopen-transactions", [one], meanwhile=lambda: remove(member, one.producer))
    assert refusals(operation) == {1: "TXN-E105"}
    one.refresh_from_db()
    assert one.status == "canceled"


def test_the_confirm_page_knows_what_is_open(member: Membership) -> None:
    producer = make_producer(member.organization)
    make_appointment(producer)
    make_appointment(producer, cocode="99999")
    make_appointment(producer, gone_at=timezone.now())
    make_appointment(producer, status="Terminated")
    make_transaction(producer, status="ready")
    make_transaction(producer, status="submitted")
    make_transaction(producer, status="accepted")
    make_transaction(producer, status="ready", kind="termination")
    operation = choose(member, producer, make_producer(member.organization))
    assert operation.source_facts["open"] == {
        "ours": 1,
        "others": 1,
        "ending": 1,
        "unsent": 1,
        "sent": 1,
        "waited_for": 1,
    }


def test_an_organization_removes_nobody_of_another(member: Membership) -> None:
    stranger = make_producer(make_member().organization)
    operation = choose(member, stranger)
    assert refusals(operation) == {1: "TXN-E001"}
    assert fresh(stranger).removed_at is None


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SUBMITTER, Role.VIEWER])
def test_who_may_no_longer_by_the_time_removes_nobody(member: Membership, role: Role) -> None:
    producer = make_producer(member.organization)
    operation = choose(member, producer)
    process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=timezone.now(), defer=False)
    # Demoted between the press and the work.
    Membership.objects.filter(pk=member.pk).update(role=role.value)
    assert refusals(finish(operation)) == {1: "TXN-E201"}
    assert fresh(producer).removed_at is None


def test_who_was_removed_meanwhile_is_not_removed_twice(member: Membership) -> None:
    producer = make_producer(member.organization)
    late = choose(member, producer)
    remove(member, producer)
    at = fresh(producer).removed_at
    assert refusals(confirm(late, member)) == {1: "REMOVE-E001"}
    assert fresh(producer).removed_at == at
    assert Tenure.objects.count() == 1


def test_two_who_remove_the_same_at_once_remove_them_once(member: Membership) -> None:
    producers = [make_whole(member) for _ in range(4)]
    other = make_member(member.organization)
    operations = [(choose(one, *producers), one) for one in (member, other)]
    barrier = Barrier(2)

    def press(operation: Any, by: Membership) -> None:
        barrier.wait()
        confirm(operation, by)
        connection.close()

    threads = [Thread(target=press, args=pair) for pair in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcomes = Item.objects.values_list("outcome", flat=True)
    assert sorted(outcomes) == ["rejected"] * 4 + ["updated"] * 4
    assert Tenure.objects.count() == 4
    assert sum(one.data["producers"] for one in Event.objects.filter(kind="producer:remove")) == 4


def test_running_it_again_does_nothing_twice(member: Membership) -> None:
    producer = make_producer(member.organization)
    operation = remove(member, producer)
    finish(operation)
    assert Tenure.objects.count() == 1
    assert Event.objects.filter(kind="producer:remove").count() == 1


def test_as_many_as_there_are_are_removed_in_as_many_statements(member: Membership) -> None:
    def statements(number: int) -> int:
        operation = choose(member, *(make_whole(member) for _ in range(number)))
        with CaptureQueriesContext(connection) as captured:
            confirm(operation, member)
        return len(captured)

    assert statements(1) == statements(9)


def test_a_time_here_never_ends_before_it_began_whatever_the_clock_did(member: Membership) -> None:
    producer = make_producer(member.organization, created_at=timezone.now() + timedelta(hours=1))
    remove(member, producer)
    [tenure] = Tenure.objects.all()
    assert tenure.began_at <= tenure.ended_at
