"""The pump loses nothing and doubles nothing, in whatever order transactions end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from muster.access.models import Membership
from muster.audit.operations import EventKind
from muster.webhooks.models import Delivery, WebhookEvent
from muster.webhooks.pump import pump
from tests.make import make_producer
from tests.webhooks.sending import endpoint_at

pytestmark = pytest.mark.django_db(transaction=True)

WRITE = """
INSERT INTO audit_event (organization_id, at, kind, subject, data) VALUES (%s, now(), %s, %s, '{}')
"""

CHANGE = """
INSERT INTO history_change
    (organization_id, producer_id, kind, verb, state, record_id, about, old, new, source, at)
VALUES (%s, %s, 'license', 'changed', %s, 1, '{}', '{}', '{}', 'registry', now())
"""


class Writer:
    """A session of its own that writes the event log."""

    def __init__(self, member: Membership, session: psycopg.Connection) -> None:
        self.member, self.session = member, session

    def write(self, producer_id: int) -> None:
        self.session.execute(
            WRITE, [self.member.organization_id, EventKind.PORTAL_REGISTERED.value, f"producer:{producer_id}"]
        )

    def change_license(self, producer_id: int, state: str) -> None:
        self.session.execute(CHANGE, [self.member.organization_id, producer_id, state])

    def commit(self) -> None:
        self.session.commit()

    def roll_back(self) -> None:
        self.session.rollback()


@contextmanager
def writers(member: Membership, count: int) -> Iterator[list[Writer]]:
    told = connection.get_connection_params()
    known = {name: told[name] for name in ("dbname", "user", "password", "host", "port") if told.get(name)}
    sessions = [psycopg.connect(**known) for _ in range(count)]
    try:
        yield [Writer(member, session) for session in sessions]
    finally:
        for session in sessions:
            session.close()


def registered() -> list[int]:
    return sorted(event.payload["producer"]["id"] for event in WebhookEvent.objects.all())


@pytest.fixture
def producers(member: Membership) -> list[int]:
    endpoint_at(member, "https://crm.example.com/")
    return [make_producer(member.organization).pk for _ in range(4)]


def test_a_row_that_appears_below_one_that_was_read_is_not_lost(
    member: Membership, producers: list[int]
) -> None:
    with writers(member, 3) as (first, second, third):
        first.write(producers[0])
        second.write(producers[1])
        second.commit()
        assert pump() == 0, "the first has a lower id, and may yet commit"
        # Whoever comes later is not waited for, however many do.
        third.write(producers[2])
        assert pump() == 0
        first.commit()
        assert pump() == 2
        assert registered() == producers[:2]
        third.commit()
        pump()
        assert pump() == 0
        assert registered() == producers[:3]


def test_what_is_rolled_back_never_was(member: Membership, producers: list[int]) -> None:
    with writers(member, 2) as (first, second):
        first.write(producers[0])
        second.write(producers[1])
        second.commit()
        pump()
        first.roll_back()
        assert pump() == 1
        assert registered() == [producers[1]]


def test_what_one_transaction_changes_around_the_place_of_another_is_one_event(
    member: Membership, producers: list[int]
) -> None:
    with writers(member, 2) as (first, second):
        first.change_license(producers[0], "CA")
        second.change_license(producers[1], "CA")
        second.commit()
        assert pump() == 0
        first.change_license(producers[0], "TX")
        first.commit()
        assert pump() == 2
        # What lies beyond the place is met again, and known.
        assert pump() == 0
    told = {
        event.payload["producer"]["id"]: event.payload["licenses"] for event in WebhookEvent.objects.all()
    }
    assert [one["state"] for one in told[producers[0]]] == ["CA", "TX"]
    assert [one["state"] for one in told[producers[1]]] == ["CA"]


def test_many_writers_and_pumps_at_once_make_each_event_once(
    member: Membership, producers: list[int]
) -> None:
    rounds, ended = 30, threading.Event()

    def keep_pumping() -> None:
        while not ended.is_set():
            pump()
        connection.close()

    def write_on(writer: Writer, mine: int) -> None:
        for number in range(rounds):
            writer.write(mine)
            writer.write(mine)
            writer.roll_back() if number % 5 == 4 else writer.commit()

    with writers(member, len(producers)) as sessions:
        pumps = [threading.Thread(target=keep_pumping) for _ in range(2)]
        work = [
            threading.Thread(target=write_on, args=pair) for pair in zip(sessions, producers, strict=True)
        ]
        for thread in [*pumps, *work]:
            thread.start()
        for thread in work:
            thread.join()
        ended.set()
        for thread in pumps:
            thread.join()
    while pump():
        pass
    assert registered() == sorted(one for one in producers for _ in range(2 * (rounds - rounds // 5)))
    assert Delivery.objects.count() == WebhookEvent.objects.count()
