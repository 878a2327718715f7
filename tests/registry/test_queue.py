"""The queue of the sync: who is queued, who is claimed, and what is mended."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.access.models import Organization
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.core.sync import AfterFailure, Failure
from muster.producers.models import Producer, SyncStatus
from muster.registry.models import RegistryPause
from muster.registry.operations import (
    DRAIN_LOCK,
    SetBack,
    claim,
    drain_lock,
    due_at,
    end_pause,
    pause,
    paused_until,
    queue_for_sync,
    release_orphans,
    resync,
    set_back,
    sweep,
)
from muster.registry.sql import statement
from tests.make import make_member, make_organization, make_producer
from tests.registry.running import queue_all

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
EVENING = NOON + timedelta(hours=6)

pytestmark = pytest.mark.django_db


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="registry.sync_waiting").count()


def make_producers(organization: Organization, count: int, **over: Any) -> list[Producer]:
    return [make_producer(organization, **over) for _ in range(count)]


# status before -> status after being queued
QUEUED = {
    **dict.fromkeys(SyncStatus, SyncStatus.QUEUED),
    SyncStatus.PROCESSING: SyncStatus.PROCESSING,
}


@pytest.mark.parametrize(("before", "after"), QUEUED.items())
def test_every_producer_can_be_queued_and_one_that_is_being_synced_for_afterwards(
    before: SyncStatus, after: SyncStatus
) -> None:
    producer = make_producer(
        make_organization(), sync_status=before, sync_attempts=4, sync_reason="why", sync_claimed_at=NOON
    )
    queued = queue_all(producer.organization, now=LATER)
    producer.refresh_from_db()
    assert (producer.sync_status, producer.sync_again) == (after, before == SyncStatus.PROCESSING)
    assert (producer.sync_next_at, producer.sync_attempts, producer.sync_reason) == (LATER, 0, "")
    assert (queued, producer.sync_claimed_at, jobs()) == (1, NOON, 1)


def test_queuing_none_defers_no_job() -> None:
    assert queue_for_sync(producers=Producer.objects.none(), now=NOON) == 0
    assert jobs() == 0


def test_only_those_that_are_due_are_claimed() -> None:
    organization = make_organization()
    due = make_producer(organization, sync_status=SyncStatus.TIMEOUT, sync_next_at=NOON)
    make_producer(organization, sync_status=SyncStatus.ERROR, sync_next_at=LATER)
    make_producer(organization, sync_status=SyncStatus.SUCCESS, sync_next_at=NOON)
    make_producer(organization, sync_status=SyncStatus.PROCESSING, sync_next_at=NOON)
    [found] = claim(limit=10, now=NOON)
    assert (found.producer_id, found.npn, found.kind, found.claimed_at) == (
        due.pk,
        due.npn,
        "individual",
        NOON,
    )
    due.refresh_from_db()
    assert (due.sync_status, due.sync_claimed_at) == (SyncStatus.PROCESSING, NOON)
    assert claim(limit=10, now=NOON) == []


def test_organizations_share_fairly_however_many_wait_in_one() -> None:
    large, small, tiny = make_organization(), make_organization(), make_organization()
    make_producers(large, 60)
    make_producers(small, 60)
    make_producers(tiny, 2)
    for minutes, organization in enumerate((large, small, tiny)):
        queue_all(organization, now=NOON + timedelta(minutes=minutes))
    organization_of = dict(Producer.objects.values_list("id", "organization_id"))
    shares = Counter(organization_of[one.producer_id] for one in claim(limit=30, now=LATER))
    assert shares == {large.pk: 10, small.pk: 10, tiny.pk: 2}


def test_repeated_claims_take_all_and_nobody_twice() -> None:
    for size in (1, 7, 40):
        organization = make_organization()
        make_producers(organization, size)
        queue_all(organization, now=NOON)
    claimed: list[int] = []
    while some := claim(limit=9, now=NOON):
        assert len(some) <= 9
        claimed += [one.producer_id for one in some]
    assert sorted(claimed) == sorted(Producer.objects.values_list("id", flat=True))


def test_more_organizations_than_the_limit_are_served_the_longest_waiting_first() -> None:
    organizations = [make_organization() for _ in range(6)]
    for minutes, organization in enumerate(organizations):
        make_producers(organization, 2)
        queue_all(organization, now=NOON + timedelta(seconds=minutes))
    organization_of = dict(Producer.objects.values_list("id", "organization_id"))
    first = {organization_of[one.producer_id] for one in claim(limit=4, now=LATER)}
    assert first == {organization.pk for organization in organizations[:4]}


@pytest.mark.django_db(transaction=True)
def test_two_that_claim_at_once_never_take_the_same() -> None:
    organization = make_organization()
    make_producers(organization, 20)
    queue_all(organization, now=NOON)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(statement("claim"), {"limit": 12, "now": NOON})
            theirs = {row[0] for row in cursor.fetchall()}
            ours = {one.producer_id for one in claim(limit=20, now=NOON)}
            cursor.execute("COMMIT")
    finally:
        other.close()
    assert len(theirs) == 12
    assert len(ours) == 8
    assert not ours & theirs


def test_a_failure_is_written_only_for_a_claim_that_is_still_ours() -> None:
    organization = make_organization()
    ours, lost = make_producers(organization, 2)
    queue_all(organization, now=NOON)
    claims = {one.producer_id: one for one in claim(limit=2, now=NOON)}
    Producer.objects.filter(id=lost.pk).update(sync_claimed_at=LATER)
    written = set_back(
        producers=[SetBack(one, AfterFailure.TIMEOUT, "late", 3, LATER) for one in claims.values()], now=NOON
    )
    assert written == 1
    ours.refresh_from_db()
    lost.refresh_from_db()
    assert (ours.sync_status, ours.sync_reason, ours.sync_attempts, ours.sync_next_at) == (
        SyncStatus.TIMEOUT,
        "late",
        3,
        LATER,
    )
    assert (lost.sync_status, lost.sync_claimed_at, lost.sync_reason) == (SyncStatus.PROCESSING, LATER, "")


def test_orphans_keep_their_place_and_their_tries() -> None:
    producer = make_producer(make_organization(), sync_attempts=2)
    queue_all(producer.organization, now=NOON)
    claim(limit=1, now=LATER)
    assert release_orphans(now=LATER) == 1
    producer.refresh_from_db()
    assert (producer.sync_status, producer.sync_next_at, producer.sync_claimed_at) == (
        SyncStatus.QUEUED,
        NOON,
        None,
    )


# what a failure led to, when the next try is -> the status if it was queued in the meantime, when it is due
FAILED_AND_QUEUED = {
    "it is final": (AfterFailure.NOT_FOUND, None, SyncStatus.QUEUED, "", 0, LATER),
    "its tries are used up": (AfterFailure.RETRY_ERROR, None, SyncStatus.QUEUED, "", 0, LATER),
    "it is tried again": (AfterFailure.TIMEOUT, EVENING, SyncStatus.TIMEOUT, "late", 3, EVENING),
    "it was not asked for": (AfterFailure.QUEUED, LATER, SyncStatus.QUEUED, "late", 3, LATER),
}


@pytest.mark.parametrize(
    ("failed", "next_at", "status", "reason", "attempts", "due"),
    FAILED_AND_QUEUED.values(),
    ids=FAILED_AND_QUEUED,
)
def test_who_is_queued_while_a_call_fails_is_asked_for_again(
    failed: AfterFailure, next_at: datetime | None, status: str, reason: str, attempts: int, due: datetime
) -> None:
    producer = make_producer(make_organization())
    queue_all(producer.organization, now=NOON)
    [one] = claim(limit=1, now=NOON)
    queue_all(producer.organization, now=NOON)
    assert set_back(producers=[SetBack(one, failed, "late", 3, next_at)], now=LATER) == 1
    producer.refresh_from_db()
    assert (producer.sync_status, producer.sync_reason) == (status, reason)
    assert (producer.sync_attempts, producer.sync_next_at) == (attempts, due)
    assert producer.sync_again is False


def test_an_orphan_that_was_queued_in_the_meantime_is_queued_once() -> None:
    producer = make_producer(make_organization())
    queue_all(producer.organization, now=NOON)
    claim(limit=1, now=NOON)
    queue_all(producer.organization, now=LATER)
    release_orphans(now=LATER)
    producer.refresh_from_db()
    assert (producer.sync_status, producer.sync_again) == (SyncStatus.QUEUED, False)
    assert producer.sync_next_at == LATER


@pytest.mark.django_db(transaction=True)
def test_orphans_are_locked_in_the_order_of_their_ids() -> None:
    first, second = make_producers(
        make_organization(), 2, sync_status=SyncStatus.PROCESSING, sync_claimed_at=NOON
    )
    # In the table and in the index, the second now stands before the first.
    Producer.objects.filter(pk=first.pk).update(sync_claimed_at=LATER)
    asked = threading.Event()

    def release() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET application_name = 'release'")
            asked.set()
            release_orphans(now=LATER)
        finally:
            connection.close()

    other = connections.create_connection("default")
    thread = threading.Thread(target=release)
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT FROM producers_producer WHERE id = %s FOR NO KEY UPDATE", [first.pk])
            thread.start()
            assert asked.wait(10)
            waits = """
                SELECT count(*) FROM pg_stat_activity
                WHERE application_name = 'release' AND wait_event_type = 'Lock'
            """
            for _ in range(200):
                cursor.execute(waits)
                if cursor.fetchone()[0]:
                    break
                time.sleep(0.05)
            cursor.execute(
                "SELECT id FROM producers_producer WHERE id = %s FOR NO KEY UPDATE NOWAIT", [second.pk]
            )
            assert cursor.fetchone() == (second.pk,)
            cursor.execute("COMMIT")
    finally:
        thread.join(10)
        other.close()
    assert not Producer.objects.filter(sync_status=SyncStatus.PROCESSING).exists()


def test_the_next_due_is_the_earliest_of_all_organizations() -> None:
    assert due_at() is None
    for minutes in (3, 1, 2):
        make_producer(
            make_organization(),
            sync_status=SyncStatus.ERROR,
            sync_next_at=NOON + timedelta(minutes=minutes),
        )
    assert due_at() == NOON + timedelta(minutes=1)


def test_the_sweeper_mends_what_a_dead_drain_left_and_starts_another() -> None:
    producer = make_producer(make_organization())
    queue_all(producer.organization, now=NOON)
    claim(limit=1, now=NOON)
    before = jobs()
    assert sweep(now=LATER) is True
    producer.refresh_from_db()
    assert (producer.sync_status, jobs()) == (SyncStatus.QUEUED, before + 1)


def test_the_sweeper_starts_nothing_when_nothing_is_due() -> None:
    make_producer(make_organization(), sync_status=SyncStatus.ERROR, sync_next_at=LATER)
    make_producer(make_organization())
    assert sweep(now=NOON) is False
    assert jobs() == 0


def test_the_sweeper_starts_nothing_while_the_registry_is_left_alone() -> None:
    make_producer(make_organization(), sync_status=SyncStatus.QUEUED, sync_next_at=NOON)
    pause(seconds=600, failure=Failure.UNAUTHORIZED, now=NOON)
    assert sweep(now=LATER) is False
    assert sweep(now=NOON + timedelta(seconds=601)) is True


@pytest.mark.django_db(transaction=True)
def test_the_sweeper_leaves_a_drain_alone_that_is_at_work() -> None:
    producer = make_producer(make_organization())
    queue_all(producer.organization, now=NOON)
    claim(limit=1, now=NOON)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [DRAIN_LOCK])
        assert sweep(now=LATER) is False
        with drain_lock() as held:
            assert held is False
        # Not left to the closing: the server may take note of that only later.
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [DRAIN_LOCK])
    finally:
        other.close()
    producer.refresh_from_db()
    assert producer.sync_status == SyncStatus.PROCESSING
    assert sweep(now=LATER) is True


def test_a_pause_begins_once_and_ends_when_it_is_over_or_ended() -> None:
    assert paused_until(now=NOON) is None
    pause(seconds=10, failure=Failure.THROTTLED, now=NOON)
    pause(seconds=60, failure=Failure.UNAUTHORIZED, now=NOON + timedelta(seconds=5))
    told = RegistryPause.objects.get()
    assert (told.since, told.until) == (NOON, NOON + timedelta(seconds=65))
    assert "MUSTER_REGISTRY_PASSWORD" in told.reason
    assert paused_until(now=NOON + timedelta(seconds=64)) == told.until
    assert paused_until(now=NOON + timedelta(seconds=65)) is None
    end_pause()
    assert paused_until(now=NOON) is None


def test_a_resync_is_on_record_with_who_asked_for_it() -> None:
    member = make_member()
    producer = make_producer(member.organization, sync_status=SyncStatus.RETRY_ERROR)
    assert resync(member=member, producers=Producer.objects.filter(id=producer.pk), now=NOON) == 1
    event = Event.objects.get(kind="producer:resync")
    assert (event.by_id, event.organization_id) == (member.user_id, member.organization_id)
    assert (event.subject, event.data) == (
        f"producer:{producer.pk}",
        {"producers": 1, "ids": [producer.pk]},
    )


def test_a_resync_of_many_is_one_event() -> None:
    member = make_member()
    make_producers(member.organization, 3)
    assert resync(member=member, producers=Producer.objects.all(), now=NOON) == 3
    event = Event.objects.get(kind="producer:resync")
    assert (event.subject, event.data["producers"]) == ("", 3)


def test_a_resync_records_those_that_it_queued_and_asks_for_them_once() -> None:
    member = make_member()
    first, second = make_producers(member.organization, 2)
    make_producer(member.organization, sync_status=SyncStatus.PROCESSING)
    with CaptureQueriesContext(connection) as queries:
        assert resync(member=member, producers=Producer.objects.all(), now=NOON) == 2
    assert sum("producers_producer" in one["sql"] for one in queries.captured_queries) == 1
    assert Event.objects.get(kind="producer:resync").data == {"producers": 2, "ids": [first.pk, second.pk]}


def test_a_resync_of_what_is_being_synced_is_no_event() -> None:
    member = make_member()
    make_producer(member.organization, sync_status=SyncStatus.PROCESSING)
    assert resync(member=member, producers=Producer.objects.all(), now=NOON) == 0
    assert not Event.objects.filter(kind="producer:resync").exists()


def test_a_resync_reaches_only_the_members_own_producers() -> None:
    member, stranger = make_member(), make_producer(make_organization())
    assert resync(member=member, producers=Producer.objects.all(), now=NOON) == 0
    stranger.refresh_from_db()
    assert stranger.sync_status == SyncStatus.NOT_STARTED
    assert not Event.objects.filter(kind="producer:resync").exists()


def test_who_may_not_sync_queues_nothing() -> None:
    member = make_member(role=Role.VIEWER)
    make_producer(member.organization)
    assert resync(member=member, producers=Producer.objects.all(), now=NOON) == 0


def test_claiming_and_looking_read_the_queue_by_its_index() -> None:
    for _ in range(3):
        organization = make_organization()
        Producer.objects.bulk_create(
            Producer(organization=organization, npn=str(npn), sync_status=SyncStatus.SUCCESS)
            for npn in range(1, 2001)
        )
        make_producers(organization, 5, sync_status=SyncStatus.QUEUED, sync_next_at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE producers_producer")
        for name in ("claim", "due_at"):
            cursor.execute("EXPLAIN " + statement(name), {"limit": 100, "now": NOON})
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "producer_waits_for_sync" in plan
            assert "Seq Scan on producers_producer" not in plan
