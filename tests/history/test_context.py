"""Who writes is told to the triggers, as long as it holds and no longer."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from muster.access.models import Membership
from muster.history.context import changing
from muster.history.models import Change, Source
from muster.licenses.models import License
from muster.producers.models import Producer
from tests.make import make_license, make_member, make_producer

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OPERATION = UUID("5b0ba4d2-1c5c-4a40-9c5f-6f9c1b1a1111")


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def producer(member: Membership) -> Producer:
    return make_producer(member.organization, synced_at=NOON)


def make_the_same_twice(producer: Producer) -> None:
    make_license(producer, number="1")
    make_license(producer, number="1")


def sources() -> list[str]:
    return list(Change.objects.order_by("id").values_list("source", flat=True))


def test_a_change_keeps_source_person_operation_and_time(member: Membership, producer: Producer) -> None:
    with changing(source=Source.FILE, by_id=member.user_id, operation_id=OPERATION, at=NOON):
        make_license(producer)
    change = Change.objects.get()
    assert (change.source, change.by, change.operation_id, change.at) == (
        "file", member.user, OPERATION, NOON,
    )  # fmt: skip


def test_without_a_word_the_source_is_unknown_and_the_time_that_of_the_transaction(
    producer: Producer,
) -> None:
    make_license(producer)
    change = Change.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (now,) = cursor.fetchone()
    assert (change.source, change.by_id, change.operation_id, change.at) == ("unknown", None, None, now)


def test_an_inner_word_holds_until_it_ends(producer: Producer) -> None:
    with changing(source=Source.REGISTRY):
        make_license(producer)
        with changing(source=Source.MUSTER):
            make_license(producer)
        make_license(producer)
    make_license(producer)
    assert sources() == ["registry", "muster", "registry", "unknown"]


def test_a_failure_leaves_the_outer_word_standing(producer: Producer) -> None:
    with changing(source=Source.REGISTRY):
        with pytest.raises(IntegrityError), transaction.atomic(), changing(source=Source.PERSON):
            make_the_same_twice(producer)
        make_license(producer)
        with pytest.raises(ZeroDivisionError), changing(source=Source.PERSON):
            raise ZeroDivisionError
        make_license(producer)
    make_license(producer)
    assert sources() == ["registry", "registry", "unknown"]


def test_a_failure_inside_a_savepoint_inside_keeps_its_own_word(producer: Producer) -> None:
    with changing(source=Source.PERSON):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_the_same_twice(producer)
        make_license(producer)
    assert sources() == ["person"]


@pytest.mark.django_db(transaction=True)
def test_the_word_ends_with_the_transaction_whatever_happens() -> None:
    producer = make_producer(make_member().organization, synced_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic(), changing(source=Source.PERSON):
        make_the_same_twice(producer)
    make_license(producer)
    with transaction.atomic(), changing(source=Source.PERSON):
        License.objects.update(is_active=False)
    License.objects.update(is_active=True)
    assert sources() == ["unknown", "person", "unknown"]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_would_hold_for_nothing_and_says_so() -> None:
    with pytest.raises(RuntimeError, match="atomic"), changing(source=Source.PERSON, operation_id=uuid4()):
        pass
