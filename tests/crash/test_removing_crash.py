"""A removal whose worker is killed, any number of times: each goes once, and nobody is half gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from muster.access.models import Membership
from muster.appointments.models import Appointment
from muster.audit.models import Event
from muster.bulk.kinds import kind_named
from muster.bulk.models import Operation, OperationState, Policy
from muster.bulk.operations import process, start_selection
from muster.bulk.sweeper import sweep_silent_operations
from muster.history.models import Change
from muster.offboarding.queue import LEAVE_QUEUE, LEAVE_TASK
from muster.offboarding.removing import AT_ONCE, ENDED, WHEN
from muster.producers.models import Leaving, Producer, Tenure
from muster.transactions.models import Transaction
from tests.make import make_company, make_member, make_producer, make_transaction
from tests.workers import Nursery, nursery

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCERS = 9_000
WITH_TRANSACTIONS = 40
PATIENCE_SECONDS = 120


@pytest.fixture
def workers() -> Iterator[Nursery]:
    with nursery(LEAVE_QUEUE) as opened:
        yield opened


@pytest.fixture
def member() -> Membership:
    """An Agency Admin, with producers of whom some have an appointment, or something that was not sent."""
    made = make_member()
    make_company(made.organization)
    Producer.objects.bulk_create(
        Producer(organization=made.organization, npn=str(3_000_000 + number), last_name=f"Alder{number}")
        for number in range(PRODUCERS)
    )
    Appointment.objects.bulk_create(
        Appointment(
            organization=made.organization,
            producer=producer,
            state="CA",
            cocode="90101",
            company_name="Harbor Life",
            line_name="Life",
            status="Appointed",
        )
        for producer in Producer.objects.all()
    )
    for _ in range(WITH_TRANSACTIONS):
        make_transaction(make_producer(made.organization), status="ready")
    return made


def begin(member: Membership, *, when: str) -> Operation:
    return start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind_named("remove-producers"),
        selection=Producer.objects.filter(organization=member.organization).order_by("pk"),
        now=timezone.now(),
        params={WHEN: when},
    )


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < deadline, "the worker does not get on"
        time.sleep(0.01)


def work_until(workers: Nursery, done: Callable[[], bool]) -> None:
    """Have a worker, and kill it then."""
    workers.start("worker")
    wait(done)
    workers.kill("worker")
    wait(nobody_works)
    # What the sweeper of a living worker does after a minute of silence.
    sweep_silent_operations(timedelta(0))


def nobody_works() -> bool:
    """Whether the database has noticed the death."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'worker')")
        return bool(cursor.fetchone()[0])


def state_of(operation: Operation) -> str:
    return Operation.objects.values_list("state", flat=True).get(pk=operation.pk)


def removed() -> int:
    return Producer.objects.exclude(removed_at=None).count()


def assert_nobody_is_half_gone() -> None:
    gone = removed()
    assert Tenure.objects.filter(ended_at__isnull=False).count() == gone
    assert Producer.objects.exclude(removed_at=None).filter(is_watched=True).count() == 0
    assert Change.objects.filter(new__has_key="removed_at").count() == gone
    assert sum(one.data["producers"] for one in Event.objects.filter(kind="producer:remove")) == gone
    assert not Leaving.objects.exclude(producer__removed_at=None).exists()
    unsent = Transaction.objects.exclude(producer__removed_at=None).exclude(status="canceled")
    assert not unsent.exists()


def test_a_removal_that_is_killed_again_and_again_removes_each_once(
    workers: Nursery, member: Membership
) -> None:
    everybody = PRODUCERS + WITH_TRANSACTIONS
    operation, random = begin(member, when=AT_ONCE), Random(11)
    work_until(workers, lambda: state_of(operation) == OperationState.READY)
    process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=timezone.now())
    for _ in range(2):
        enough = removed() + random.randrange(1, 1_900)
        work_until(workers, lambda enough=enough: removed() >= enough)
        assert_nobody_is_half_gone()
    assert removed() < everybody
    work_until(workers, lambda: state_of(operation) == OperationState.DONE)
    assert removed() == everybody
    assert_nobody_is_half_gone()
    operation.refresh_from_db()
    assert operation.outcomes["updated"] == everybody


def test_those_who_waited_go_once_whenever_the_worker_is_killed(workers: Nursery, member: Membership) -> None:
    operation = begin(member, when=ENDED)
    work_until(workers, lambda: state_of(operation) == OperationState.READY)
    process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=timezone.now())
    work_until(workers, lambda: state_of(operation) == OperationState.DONE)
    assert (removed(), Leaving.objects.count()) == (WITH_TRANSACTIONS, PRODUCERS)
    Appointment.objects.update(status="Terminated")
    for enough in (1_200, 4_200):
        defer_leaving()
        work_until(workers, lambda enough=enough: removed() >= enough)
        assert_nobody_is_half_gone()
    assert removed() < PRODUCERS
    defer_leaving()
    work_until(workers, lambda: not Leaving.objects.exists())
    assert removed() == PRODUCERS + WITH_TRANSACTIONS
    assert_nobody_is_half_gone()
    assert Tenure.objects.filter(operation_id=operation.pk).count() == PRODUCERS + WITH_TRANSACTIONS


def defer_leaving() -> None:
    """What the sweep does each minute."""
    app.configure_task(LEAVE_TASK, queue=LEAVE_QUEUE).defer()
