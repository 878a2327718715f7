"""What pages tell about the sync."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from muster.core.sync import Failure
from muster.producers.models import SyncStatus
from muster.registry.operations import pause
from muster.registry.queries import freshness, next_try, sync_counts, sync_health, waiting_for_sync
from tests.make import make_organization, make_producer

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

AGES = [
    (timedelta(seconds=0), "synced just now"),
    (timedelta(seconds=1), "synced 1 second ago"),
    (timedelta(seconds=59), "synced 59 seconds ago"),
    (timedelta(minutes=1), "synced 1 minute ago"),
    (timedelta(minutes=5, seconds=59), "synced 5 minutes ago"),
    (timedelta(hours=1), "synced 1 hour ago"),
    (timedelta(hours=23), "synced 23 hours ago"),
    (timedelta(days=1), "synced 1 day ago"),
    (timedelta(days=400), "synced 400 days ago"),
    (timedelta(seconds=-3), "synced just now"),
]


@pytest.mark.parametrize(("age", "words"), AGES)
def test_freshness_is_told_in_the_largest_unit(age: timedelta, words: str) -> None:
    assert freshness(synced_at=NOON - age, now=NOON) == words


def test_who_was_never_synced_is_told_so() -> None:
    assert freshness(synced_at=None, now=NOON) == "never synced"


TRIES = [
    (None, ""),
    (NOON - timedelta(seconds=1), "will be tried again shortly"),
    (NOON + timedelta(seconds=30), "will be tried again in 30 seconds"),
    (NOON + timedelta(minutes=15), "will be tried again in 15 minutes"),
]


@pytest.mark.parametrize(("next_at", "words"), TRIES)
def test_the_next_try_is_told(next_at: datetime | None, words: str) -> None:
    assert next_try(next_at=next_at, now=NOON) == words


@pytest.mark.django_db
def test_all_nine_statuses_are_counted_in_ones_own_organization() -> None:
    organization = make_organization()
    make_producer(make_organization(), sync_status=SyncStatus.SUCCESS)
    for number, status in enumerate(SyncStatus):
        for _ in range(number):
            make_producer(organization, sync_status=status)
    counts = sync_counts(organization_id=organization.pk)
    assert counts == {status: number for number, status in enumerate(SyncStatus)}
    assert len(counts) == 9
    waiting = waiting_for_sync(organization_id=organization.pk)
    assert {one.sync_status for one in waiting} == {"queued", "processing", "timeout", "error"}


@pytest.mark.django_db
def test_health_says_who_waits_until_when_and_why() -> None:
    organization = make_organization()
    soon = NOON + timedelta(seconds=30)
    for status, next_at in (
        (SyncStatus.TIMEOUT, NOON + timedelta(hours=1)),
        (SyncStatus.ERROR, soon),
        (SyncStatus.PROCESSING, NOON),
        (SyncStatus.RETRY_ERROR, None),
        (SyncStatus.SUCCESS, None),
    ):
        make_producer(organization, sync_status=status, sync_next_at=next_at)
    health = sync_health(organization_id=organization.pk, now=NOON)
    assert (health.waiting, health.processing, health.given_up, health.next_at) == (2, 1, 1, soon)
    assert (health.paused_until, health.reason) == (None, "")

    until = pause(seconds=60, failure=Failure.UNAVAILABLE, now=NOON)
    health = sync_health(organization_id=organization.pk, now=NOON)
    assert (health.paused_until, health.reason) == (until, "The registry could not be reached.")
    assert sync_health(organization_id=organization.pk, now=until).paused_until is None
