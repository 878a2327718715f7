"""Asking how filings stand: what each answer leads to, how often it is asked, and what is put on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.audit.models import Event
from muster.core.gateway import FIRST_LOOK, LONGEST_LOOK, Arrival
from muster.core.sync import RetryPolicy
from muster.core.transactions import Status
from muster.registry.models import GatewayPause
from muster.registry.port import (
    MOST_KEYS,
    BrokenAnswer,
    RegistryError,
    Standing,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from muster.transactions.asking import ASKING_LOCK, LOST, NEVER_CAME, question_due_at
from muster.transactions.models import Attempt, Transaction
from muster.transactions.queue import FILE_TASK
from tests.make import make_organization, make_producer, make_transaction
from tests.transactions.filing import ScriptedGateway, ask_with, file_with, standing
from tests.workers import url_of_this_database

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now().replace(microsecond=0)


def at_the_registry(status: str = "submitted", *, age: float = 10.0, **over: Any) -> Transaction:
    """A transaction that is due to be asked about, and was claimed so many seconds ago."""
    return make_transaction(
        make_producer(make_organization()),
        **{
            "status": status,
            "filing_key": uuid4(),
            "claimed_at": NOW - timedelta(seconds=age),
            "released_at": NOW - timedelta(seconds=age),
            "next_at": NOW,
            **over,
        },
    )


def ask(told: Mapping[UUID, Standing | None] | Exception, **over: Any) -> ScriptedGateway:
    gateway = ScriptedGateway(told=told)
    ask_with(gateway, **{"clock": lambda: NOW, **over})
    return gateway


ANSWERS = [
    ("outcome_unknown", "submitted", "submitted"),
    ("outcome_unknown", "accepted", "accepted"),
    ("outcome_unknown", "rejected", "rejected"),
    ("outcome_unknown", "action_required", "action_required"),
    ("submitted", "submitted", "submitted"),
    ("submitted", "accepted", "accepted"),
    ("submitted", "rejected", "rejected"),
    ("submitted", "action_required", "action_required"),
    ("action_required", "submitted", "submitted"),
    ("action_required", "action_required", "action_required"),
    ("action_required", "accepted", "accepted"),
    ("action_required", "rejected", "rejected"),
    ("closed", "accepted", "accepted"),
    ("closed", "rejected", "rejected"),
]


@pytest.mark.parametrize(("before", "told", "after"), ANSWERS)
def test_what_the_registry_says_is_what_it_becomes(before: str, told: str, after: str) -> None:
    one = at_the_registry(before, note="Somebody said something.")
    key = one.filing_key
    assert key is not None
    ask({key: standing(key, Status(told), code="7", words="Because.", state_fee=3200, registry_fee=153)})
    one.refresh_from_db()
    assert (one.status, one.registry_code, one.registry_words) == (after, "7", "Because.")
    assert (one.state_fee_charged, one.registry_fee_charged, one.note) == (3200, 153, "")
    decided = after in ("accepted", "rejected")
    assert (one.next_at, one.decided_at) == ((None, NOW) if decided else (NOW + timedelta(seconds=10), None))
    asked = [(call.verb, call.outcome, call.ended_at) for call in Attempt.objects.all()]
    assert asked == ([("ask", told, NOW)] if before == "outcome_unknown" else [])


@pytest.mark.parametrize("told", ["submitted", "action_required"])
def test_what_was_closed_stays_closed_and_keeps_its_reason_until_it_is_decided(told: str) -> None:
    one = at_the_registry("closed", note="The agent has left.")
    key = one.filing_key
    assert key is not None
    ask({key: standing(key, Status(told), words="Because.")})
    one.refresh_from_db()
    assert (one.status, one.note, one.registry_words) == ("closed", "The agent has left.", "Because.")
    assert one.next_at == NOW + timedelta(seconds=10)


@pytest.mark.parametrize(("just_in_time", "waits"), [(False, "ready"), (True, "held")])
def test_what_never_came_is_sent_again_under_its_key(just_in_time: bool, waits: str) -> None:
    one = at_the_registry("outcome_unknown", just_in_time=just_in_time)
    key = one.filing_key
    assert key is not None
    ask({key: None})
    one.refresh_from_db()
    assert (one.status, one.note, one.next_at, one.filing_key) == (waits, NEVER_CAME, NOW, key)
    assert [job.task_name for job in ProcrastinateJob.objects.all()] == [FILE_TASK]
    gateway = ScriptedGateway()
    file_with(gateway)
    assert gateway.came == [key]


@pytest.mark.parametrize("status", ["submitted", "action_required"])
def test_what_the_registry_had_once_is_never_sent_again(status: str) -> None:
    one = at_the_registry(status)
    assert one.filing_key is not None
    ask({one.filing_key: None})
    one.refresh_from_db()
    assert (one.status, one.note) == (status, LOST)
    assert one.next_at == NOW + timedelta(seconds=10)
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.parametrize("status", ["outcome_unknown", "submitted", "action_required"])
@pytest.mark.parametrize(
    "error",
    [Unavailable("no"), Unavailable(arrival=Arrival.SURELY_NOT), TimedOut(), Throttled(), Unauthorized()],
)
def test_no_answer_changes_nothing(status: str, error: RegistryError) -> None:
    one = at_the_registry(status, age=1000)
    ask(error, policy=RetryPolicy(first_wait=30, longest_wait=900))
    one.refresh_from_db()
    assert one.status == status
    assert one.next_at is not None
    assert NOW + timedelta(seconds=15) <= one.next_at <= NOW + timedelta(seconds=30)
    assert one.note
    assert [call.outcome for call in Attempt.objects.all()] == (
        [error.failure.value] if status == "outcome_unknown" else []
    )


def test_it_is_asked_ever_more_seldom() -> None:
    one = at_the_registry(age=0)
    at = NOW
    waits: list[float] = []
    while len(waits) < 14:
        assert one.filing_key is not None
        ask({one.filing_key: standing(one.filing_key)}, clock=lambda at=at: at)
        one.refresh_from_db()
        assert one.next_at is not None
        waits.append((one.next_at - at).total_seconds())
        at = one.next_at
    assert waits[:9] == [2, 2, 4, 8, 16, 32, 64, 128, 256]
    assert waits[9:] == [512, *[900] * 4]
    assert (FIRST_LOOK, LONGEST_LOOK) == (2, 900)


class ListIsBroken(ScriptedGateway):
    """A gateway whose lists cannot be read, and that breaks on one filing."""

    def __init__(self, broken: UUID) -> None:
        super().__init__()
        self.broken = broken

    def standings(self, keys: Sequence[UUID]) -> Mapping[UUID, Standing | None]:
        raise BrokenAnswer("it has no status that we know")

    def _of(self, key: UUID) -> Standing | None:
        if key == self.broken:
            raise BrokenAnswer("it has no status that we know")
        return standing(key, Status.ACCEPTED)


def test_one_answer_that_cannot_be_read_holds_up_no_other() -> None:
    some = [at_the_registry() for _ in range(3)]
    assert some[1].filing_key is not None
    ask_with(ListIsBroken(some[1].filing_key), clock=lambda: NOW)
    assert [Transaction.objects.get(pk=one.pk).status for one in some] == [
        "accepted",
        "submitted",
        "accepted",
    ]


def test_more_than_the_registry_takes_are_asked_about_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muster.transactions.asking.MOST_KEYS", 2)
    assert MOST_KEYS == 500
    some = [at_the_registry() for _ in range(5)]
    sizes: list[int] = []

    class Counting(ScriptedGateway):
        def standings(self, keys: Sequence[UUID]) -> Mapping[UUID, Standing | None]:
            sizes.append(len(keys))
            return super().standings(keys)

    gateway = Counting(told={one.filing_key: None for one in some if one.filing_key})
    asked = ask_with(gateway, clock=lambda: NOW)
    assert (asked.asked, sizes) == (5, [2, 2, 1])


def test_a_registry_that_does_not_answer_is_not_asked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muster.transactions.asking.MOST_KEYS", 2)
    for _ in range(5):
        at_the_registry()
    assert len(ask(TimedOut()).asked) == 2
    assert not GatewayPause.objects.exists()


@pytest.mark.parametrize(
    ("error", "failure", "seconds", "is_told"),
    [
        (Throttled(retry_after=7.0), "throttled", 7, False),
        (Throttled(), "throttled", 30, False),
        (Unauthorized(), "unauthorized", 900, True),
    ],
)
def test_a_registry_that_wants_to_be_left_alone_is_left_alone(
    error: RegistryError, failure: str, seconds: float, is_told: bool
) -> None:
    at_the_registry()
    ask(error, policy=RetryPolicy(first_wait=30, longest_wait=900))
    pause = GatewayPause.objects.get()
    assert pause.failure == failure
    assert NOW + timedelta(seconds=seconds / 2) <= pause.until <= NOW + timedelta(seconds=seconds)
    assert Event.objects.filter(kind="filing:refuse").exists() is is_told
    Transaction.objects.update(next_at=NOW)
    assert ask({}).asked == []


def test_an_answer_ends_the_pause() -> None:
    one = at_the_registry()
    assert one.filing_key is not None
    GatewayPause.objects.create(since=NOW, until=NOW, failure="unavailable", reason="It was out of order.")
    ask({one.filing_key: standing(one.filing_key)})
    assert not GatewayPause.objects.exists()


def test_what_somebody_did_meanwhile_stays() -> None:
    one = at_the_registry("action_required")
    key = one.filing_key
    assert key is not None

    class Slow(ScriptedGateway):
        def standings(self, keys: Sequence[UUID]) -> Mapping[UUID, Standing | None]:
            Transaction.objects.update(status="closed", next_at=None, note="It is no longer wanted.")
            return super().standings(keys)

    ask_with(Slow(told={key: standing(key, Status.ACCEPTED)}), clock=lambda: NOW)
    one.refresh_from_db()
    assert (one.status, one.note) == ("closed", "It is no longer wanted.")


def test_only_what_is_due_is_asked_about_and_by_one_at_a_time() -> None:
    one = at_the_registry(next_at=NOW + timedelta(seconds=1))
    at_the_registry("ready")
    at_the_registry("rejected")
    assert one.filing_key is not None
    assert ask({}).asked == []
    later: datetime = NOW + timedelta(seconds=1)
    assert question_due_at() == later
    with psycopg.connect(url_of_this_database(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [ASKING_LOCK])
        assert ask({}, clock=lambda: later).asked == []
        # A connection that is closed lets go of it only some time later.
        other.execute("SELECT pg_advisory_unlock(%s)", [ASKING_LOCK])
    assert ask({one.filing_key: None}, clock=lambda: later).asked == [one.filing_key]
