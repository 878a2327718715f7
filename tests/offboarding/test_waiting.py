"""Removals that wait for terminations: they go on by themselves, once, and can be called off."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.access.models import Membership
from muster.appointments.models import Appointment
from muster.audit.models import Event
from muster.bulk.models import Item
from muster.history.models import Change, Source
from muster.offboarding.operations import remove_who_waited
from muster.offboarding.queries import appointments_to_end
from muster.offboarding.queue import LEAVE_TASK
from muster.producers.models import Leaving, Producer, Tenure
from muster.transactions.models import Transaction
from muster.transactions.settling import take_effect
from tests.make import make_appointment, make_company, make_member, make_producer, make_transaction
from tests.offboarding.removals import choose, confirm, fresh, remove, remove_when_ended
from tests.transactions.acting import refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member() -> Membership:
    made = make_member(name="Ines Duarte")
    make_company(made.organization)
    return made


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_producer(member.organization)


def sweep() -> int:
    return remove_who_waited(now=timezone.now())


def end(appointment: Appointment) -> None:
    """The state no longer lists it as appointed."""
    Appointment.objects.filter(pk=appointment.pk).update(status="Terminated")


def test_who_has_something_to_wait_for_waits_and_the_others_go(
    member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    free = make_producer(member.organization)
    operation = remove_when_ended(member, producer, free)
    assert fresh(producer).removed_at is None
    assert fresh(free).removed_at is not None
    [leaving] = Leaving.objects.all()
    assert (leaving.producer, leaving.asked_by, leaving.operation_id) == (producer, member.user, operation.pk)
    assert [one.result.get("waits", False) for one in Item.objects.order_by("row_no")] == [True, False]


def test_it_waits_for_appointments_and_for_terminations_and_then_goes_by_itself(
    member: Membership, producer: Producer
) -> None:
    appointment = make_appointment(producer)
    termination = make_transaction(producer, kind="termination", status="submitted")
    operation = remove_when_ended(member, producer)
    assert sweep() == 0
    end(appointment)
    assert sweep() == 0
    Transaction.objects.filter(pk=termination.pk).update(status="accepted")
    assert sweep() == 1
    assert sweep() == 0
    assert fresh(producer).removed_at is not None
    assert not Leaving.objects.exists()
    [tenure] = Tenure.objects.all()
    assert (tenure.ended_by, tenure.operation_id) == (member.user, operation.pk)
    [change] = Change.objects.filter(new__has_key="removed_at")
    assert (change.source, change.by) == (Source.MUSTER, member.user)


def test_appointments_with_the_companies_of_others_hold_nobody_up(
    member: Membership, producer: Producer
) -> None:
    make_appointment(producer, cocode="99999")
    remove_when_ended(member, producer)
    assert fresh(producer).removed_at is not None


def test_a_termination_that_was_rejected_holds_it_up_until_another_is_accepted(
    member: Membership, producer: Producer
) -> None:
    make_appointment(producer)
    make_transaction(producer, kind="termination", status="rejected")
    remove_when_ended(member, producer)
    assert sweep() == 0
    assert appointments_to_end(member, Producer.objects.all()).count() == 1


def test_the_acceptance_of_a_termination_has_somebody_look(member: Membership, producer: Producer) -> None:
    appointment = make_appointment(producer)
    told = {
        "cocode": appointment.cocode,
        "line_code": appointment.line_code,
        "line_name": appointment.line_name,
    }
    termination = make_transaction(producer, kind="termination", status="accepted", **told)
    other = make_transaction(make_producer(member.organization), kind="termination", status="accepted")
    remove_when_ended(member, producer)
    with transaction.atomic():
        take_effect(ids=[other.pk], origin="filed", source=Source.REGISTRY, now=timezone.now())
    jobs = ProcrastinateJob.objects.filter(task_name=LEAVE_TASK)
    assert not jobs.exists()
    with transaction.atomic():
        take_effect(ids=[termination.pk], origin="filed", source=Source.REGISTRY, now=timezone.now())
    assert jobs.count() == 1
    assert sweep() == 1


def test_what_nobody_ends_yet_is_offered_to_be_ended(member: Membership, producer: Producer) -> None:
    ending, free = make_appointment(producer), make_appointment(producer)
    make_appointment(producer, cocode="99999")
    make_transaction(
        producer,
        kind="termination",
        status="ready",
        line_code=ending.line_code,
        line_name=ending.line_name,
    )
    assert list(appointments_to_end(member, Producer.objects.all())) == [free]


def test_a_removal_that_waits_can_be_called_off_once(member: Membership, producer: Producer) -> None:
    appointment = make_appointment(producer)
    remove_when_ended(member, producer)
    late = choose(member, producer, kind="call-off-removals")
    confirm(choose(member, producer, kind="call-off-removals"), member)
    assert not Leaving.objects.exists()
    assert refusals(confirm(late, member)) == {1: "REMOVE-E003"}
    end(appointment)
    assert sweep() == 0
    assert fresh(producer).removed_at is None
    kinds = list(
        Event.objects.filter(kind__startswith="producer:").order_by("id").values_list("kind", flat=True)
    )
    assert kinds == ["producer:remove:wait", "producer:remove:call-off"]


def test_who_waits_already_waits_once_and_can_go_at_once(member: Membership, producer: Producer) -> None:
    make_appointment(producer)
    remove_when_ended(member, producer)
    assert refusals(remove_when_ended(member, producer)) == {1: "REMOVE-E002"}
    remove(member, producer)
    assert fresh(producer).removed_at is not None
    assert not Leaving.objects.exists()


def test_two_sweeps_at_once_remove_each_once(member: Membership) -> None:
    producers = [make_producer(member.organization) for _ in range(5)]
    appointments = [make_appointment(one) for one in producers]
    remove_when_ended(member, *producers)
    for one in appointments:
        end(one)
    barrier, removed = Barrier(2), []

    def work() -> None:
        barrier.wait()
        removed.append(sweep())
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(removed) == 5
    assert Tenure.objects.count() == 5
