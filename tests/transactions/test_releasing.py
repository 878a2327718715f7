"""Releasing lets go what waits, once; the state of a batch follows its transactions."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.audit.models import Event
from muster.core.transactions import Status
from muster.transactions.batching import settle_batches
from muster.transactions.models import Batch, Transaction
from muster.transactions.queue import FILE_TASK
from muster.transactions.releasing import release
from tests.make import make_batch, make_member, make_organization, make_producer, make_transaction

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 13, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status)
def test_only_what_waits_is_released(status: Status) -> None:
    one = make_transaction(make_producer(make_organization()), status=status)
    waits = status in (Status.READY, Status.HELD)
    assert release(ids=[one.pk], by=None, now=NOON) == waits
    one.refresh_from_db()
    assert (one.status, one.released_at, one.next_at) == (status, *([NOON, NOON] if waits else [None, None]))
    assert ProcrastinateJob.objects.filter(task_name=FILE_TASK).count() == waits


@pytest.mark.django_db
def test_what_was_released_once_keeps_who_did_it() -> None:
    member = make_member()
    one = make_transaction(make_producer(member.organization))
    assert release(ids=[one.pk], by=member.user, now=NOON) == 1
    assert release(ids=[one.pk], by=None, now=LATER) == 0
    one.refresh_from_db()
    assert (one.released_by, one.released_at) == (member.user, NOON)
    told = Event.objects.get(kind="filing:release")
    assert (told.by, told.organization, told.data) == (
        member.user,
        member.organization,
        {"transactions": 1},
    )


@pytest.mark.django_db
def test_what_an_operation_releases_its_own_events_tell() -> None:
    one = make_transaction(make_producer(make_organization()))
    assert release(ids=[one.pk], by=None, now=NOON, operation_id=uuid4()) == 1
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_filed_of_a_release_that_is_rolled_back() -> None:
    one = make_transaction(make_producer(make_organization()))
    with transaction.atomic():
        assert release(ids=[one.pk], by=None, now=NOON) == 1
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()
    assert Transaction.objects.get().released_at is None


BATCHES = [
    # state, reviewed, (status, released) of each transaction, state afterwards
    ("draft", False, [("ready", False), ("not_eligible", False)], "draft"),
    ("draft", False, [("ready", True), ("ready", False)], "draft"),
    ("draft", False, [("ready", True), ("held", True), ("not_eligible", False)], "submitted"),
    ("in_review", False, [("held", False)], "in_review"),
    ("approved", True, [("ready", False), ("accepted", True)], "approved"),
    ("approved", True, [("submitting", True)], "submitted"),
    ("submitted", True, [("outcome_unknown", True), ("accepted", True)], "submitted"),
    ("submitted", True, [("action_required", True), ("closed", False)], "submitted"),
    ("submitted", True, [("accepted", True), ("rejected", True), ("canceled", False)], "done"),
    ("draft", False, [("recorded", False), ("not_eligible", False)], "done"),
    ("draft", False, [("not_eligible", False)], "done"),
    ("done", False, [("ready", False), ("accepted", True)], "draft"),
    ("done", True, [("held", False)], "approved"),
    ("submitted", False, [("ready", False), ("submitted", True)], "draft"),
    ("done", True, [("ready", True)], "submitted"),
    ("draft", False, [], "draft"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "reviewed", "transactions", "expected"), BATCHES)
def test_a_batch_follows_its_transactions(
    state: str, reviewed: bool, transactions: list[tuple[str, bool]], expected: str
) -> None:
    producer = make_producer(make_organization())
    batch = make_batch(producer, state=state, reviewed_at=NOON if reviewed else None)
    other = make_batch(producer, state="draft")
    for status, released in transactions:
        make_transaction(producer, batch=batch, status=status, released_at=NOON if released else None)
    settle_batches(ids=[batch.pk])
    batch.refresh_from_db()
    other.refresh_from_db()
    assert (batch.state, other.state) == (expected, "draft")


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_done_where_its_last_two_transactions_end_at_once() -> None:
    producer = make_producer(make_organization())
    batch = make_batch(producer, state="submitted")
    one, other = (make_transaction(producer, batch=batch, status="submitted") for _ in range(2))

    def end_other() -> None:
        with transaction.atomic():
            Transaction.objects.filter(pk=other.pk).update(status="rejected")
            settle_batches(ids=[batch.pk])
        connection.close()

    ending = Thread(target=end_other)
    with transaction.atomic():
        Transaction.objects.filter(pk=one.pk).update(status="accepted")
        settle_batches(ids=[batch.pk])
        ending.start()
        waits_for_a_lock()
    ending.join()
    assert Batch.objects.get().state == "done"


def waits_for_a_lock() -> None:
    """Return when another session waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
