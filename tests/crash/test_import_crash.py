"""An import whose worker is killed, any number of times, ends as if nothing had happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.kinds import upload_kind_named
from muster.bulk.models import Item, Operation, OperationState, Policy
from muster.bulk.operations import process, start_upload
from muster.bulk.sweeper import sweep_silent_operations
from muster.producers.models import Producer
from tests.bulk.uploads import AGENCY, as_csv, assigned, codes, import_file, make_desk, outcomes, row, stored
from tests.workers import Nursery, nursery

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 16_000
PATIENCE_SECONDS = 120


@pytest.fixture
def workers() -> Iterator[Nursery]:
    with nursery("bulk") as opened:
        yield opened


def hiring_class() -> bytes:
    rows = []
    for number in range(ROWS):
        npn = str(3_000_000 + number - (number % 50 == 0))  # some rows say the same NPN as the row before
        make = assigned if number % 2 else row
        told = make(Agent_NPN=npn, First_Name=f"Ada{npn}", Agent_SSN="123-45-6789" if number % 5 == 0 else "")
        if number % 97 == 0:
            told["Agency NPN"] = "8299999"
        if number % 101 == 0:
            told["Last Name"] = f"Birch{number}"  # contradicts the row before where that has the same NPN
        rows.append(told)
    return as_csv(rows)


def upload(member: Membership, content: bytes) -> Operation:
    return start_upload(
        operation_id=uuid4(),
        member=member,
        kind=upload_kind_named("agent"),
        source_name="class.csv",
        content=[content],
        now=timezone.now(),
    )


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < deadline, "the worker does not get on"
        time.sleep(0.01)


def kill_workers_until(
    workers: Nursery, operation: Operation, done: Callable[[], bool], *, kills: int, random: Random
) -> None:
    """Start workers and kill each once it has got a little further; the last one may finish."""
    for _ in range(kills):
        enough = rows_done(operation) + random.randrange(1, 3_600)
        work_until(workers, lambda enough=enough: done() or rows_done(operation) >= enough)
        # What the sweeper of a living worker does after a minute of silence.
        sweep_silent_operations(timedelta(0))
    work_until(workers, done)


def work_until(workers: Nursery, done: Callable[[], bool]) -> None:
    """Have a worker, and kill it then."""
    workers.start("worker")
    wait(done)
    workers.kill("worker")


def rows_done(operation: Operation) -> int:
    return Operation.objects.values_list("done", flat=True).get(pk=operation.pk)


def state_of(operation: Operation) -> str:
    return Operation.objects.values_list("state", flat=True).get(pk=operation.pk)


def test_killing_the_worker_again_and_again_changes_nothing_in_the_end(workers: Nursery) -> None:
    content = hiring_class()
    undisturbed = make_desk()
    expected = import_file(undisturbed, content)

    desk = make_desk()
    random = Random(7)
    operation = upload(desk, content)
    kill_workers_until(
        workers,
        operation,
        lambda: state_of(operation) == OperationState.READY,
        kills=2,
        random=random,
    )
    process(operation=operation, member=desk, policy=Policy.GOOD_ROWS, now=timezone.now())
    kill_workers_until(
        workers,
        operation,
        lambda: state_of(operation) == OperationState.DONE_WITH_FAILURES,
        kills=3,
        random=random,
    )
    operation.refresh_from_db()
    assert operation.outcomes == expected.outcomes
    assert (operation.rows, operation.blank) == (expected.rows, expected.blank)
    assert outcomes(operation) == outcomes(expected)
    assert codes(operation) == codes(expected)
    assert stored(desk) == stored(undisturbed)


def producers_are_being_written() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'producers_producer'::regclass"
            " AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid())"
        )
        return bool(cursor.fetchone()[0])


def test_a_worker_killed_under_all_or_nothing_leaves_all_or_nothing(workers: Nursery) -> None:
    desk = make_desk()
    content = as_csv([row(Agent_NPN=str(5_000_000 + n), Agency_NPN=AGENCY) for n in range(10_000)])
    operation = upload(desk, content)
    work_until(workers, lambda: state_of(operation) == OperationState.READY)
    process(operation=operation, member=desk, policy=Policy.ALL_OR_NOTHING, now=timezone.now())
    work_until(workers, producers_are_being_written)
    written = Producer.objects.filter(organization=desk.organization).count()
    assert written in (0, 10_000)
    sweep_silent_operations(timedelta(0))
    work_until(workers, lambda: state_of(operation) == OperationState.DONE)
    assert Producer.objects.filter(organization=desk.organization).count() == 10_000
    assert Item.objects.filter(operation=operation, state="applied").count() == 10_000
