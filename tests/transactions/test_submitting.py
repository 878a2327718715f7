"""Filing what was released: what each answer and each failure leads to, and what holds at every instant."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.appointments.models import Appointment
from muster.audit.models import Event
from muster.core.gateway import Arrival
from muster.core.sync import RetryPolicy
from muster.core.transactions import Status
from muster.history.models import Source
from muster.registry.gateway.client import HttpGateway
from muster.registry.models import GatewayPause
from muster.registry.port import (
    BrokenAnswer,
    Conflict,
    Filing,
    Malformed,
    RegistryError,
    Rejected,
    Standing,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from muster.transactions import tasks
from muster.transactions.claiming import CUT_OFF, FILING_LOCK, NOT_JUDGED, claim
from muster.transactions.models import Attempt, StatusChange, Transaction
from muster.transactions.submitting import ASKED_LATER, SENT_AGAIN
from tests.make import (
    make_batch,
    make_company,
    make_company_state,
    make_organization,
    make_producer,
    make_transaction,
)
from tests.sandbox.filings import COCODE, NPN
from tests.sandbox.process import SandboxProcess
from tests.transactions.filing import (
    IMPATIENT,
    PATIENT,
    Good,
    ScriptedGateway,
    ask_with,
    file_with,
    gateway_at,
    judge_good,
    released,
    standing,
)
from tests.workers import url_of_this_database

pytestmark = pytest.mark.django_db(transaction=True)

NO = Arrival.SURELY_NOT


def raising(error: Exception) -> Callable[[Filing, UUID], Standing]:
    def submit(filing: Filing, key: UUID) -> Standing:
        raise error

    return submit


# --- what each answer and failure leads to ---------------------------------------------------------

ANSWERS = [
    (Status.SUBMITTED, True),
    (Status.ACTION_REQUIRED, True),
    (Status.ACCEPTED, False),
    (Status.REJECTED, False),
]


@pytest.mark.parametrize(("status", "is_awaited"), ANSWERS)
@pytest.mark.parametrize("waited", ["ready", "held"])
def test_what_the_registry_says_is_what_it_becomes(status: Status, is_awaited: bool, waited: str) -> None:
    [one] = released(status=waited, just_in_time=waited == "held")
    file_with(ScriptedGateway(lambda _, key: standing(key, status, code="7", words="Because.")))
    one.refresh_from_db()
    assert (one.status, one.registry_code, one.registry_words) == (status, "7", "Because.")
    assert one.registry_id.startswith("SB-")
    assert one.submitted_at is not None
    assert (one.next_at is not None) is is_awaited
    assert (one.decided_at is None) is is_awaited
    attempt = Attempt.objects.get()
    assert (attempt.verb, attempt.key, attempt.outcome) == ("send", one.filing_key, status)
    assert attempt.ended_at is not None
    assert [(change.old, change.new, change.source) for change in StatusChange.objects.order_by("id")] == [
        (waited, "submitting", Source.MUSTER),
        ("submitting", status, Source.REGISTRY),
    ]


FAILURES = [
    # what fails, the status after it, the outcome of the attempt, and what is noted
    (Throttled(arrival=NO), "waits", "throttled", SENT_AGAIN),
    (Unavailable("no route", arrival=NO), "waits", "unavailable", SENT_AGAIN),
    (TimedOut(arrival=NO), "waits", "timed_out", SENT_AGAIN),
    (Unauthorized(arrival=NO), "waits", "unauthorized", SENT_AGAIN),
    (Unavailable("it broke"), "outcome_unknown", "unavailable", ASKED_LATER),
    (TimedOut(), "outcome_unknown", "timed_out", ASKED_LATER),
    (BrokenAnswer("it is no JSON"), "outcome_unknown", "broken_answer", ASKED_LATER),
    (Rejected("HTTP 404"), "outcome_unknown", "rejected", ASKED_LATER),
    (Throttled(), "outcome_unknown", "throttled", ASKED_LATER),
    (Unauthorized(), "outcome_unknown", "unauthorized", ASKED_LATER),
    (Conflict("used"), "outcome_unknown", "conflict", ASKED_LATER),
    (ZeroDivisionError("a fault of our own"), "outcome_unknown", "broken_answer", ASKED_LATER),
    (Malformed("npn is missing"), "rejected", "rejected", ""),
]


@pytest.mark.parametrize(("error", "status", "outcome", "note"), FAILURES)
@pytest.mark.parametrize("waited", ["ready", "held"])
def test_each_failure_decides_whether_it_may_be_sent_again(
    error: Exception, status: str, outcome: str, note: str, waited: str
) -> None:
    [one] = released(status=waited, just_in_time=waited == "held")
    policy = RetryPolicy(first_wait=100.0, longest_wait=200.0)
    before = timezone.now()
    file_with(ScriptedGateway(raising(error)), policy=policy, quiet=timedelta(hours=1))
    one.refresh_from_db()
    assert one.status == (waited if status == "waits" else status)
    assert one.note.endswith(note)
    assert one.filing_key is not None
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.key) == (outcome, one.filing_key)
    if status == "rejected":
        assert (one.next_at, one.registry_words) == (None, "npn is missing")
        return
    assert one.released_at is not None
    assert one.next_at is not None
    if status == "waits":
        assert timedelta(seconds=49) < one.next_at - before < timedelta(seconds=101)
    else:
        # Not before an answer could still come.
        assert attempt.ended_at is not None
        assert one.next_at >= before + timedelta(hours=1)
        assert one.next_at <= attempt.ended_at + timedelta(hours=1)


def test_only_what_was_released_is_sent() -> None:
    producer = make_producer(make_organization())
    for status in Status:
        make_transaction(producer, status=status)
    later = timezone.now() + timedelta(hours=1)
    released(producer=producer, next_at=later)
    gateway = ScriptedGateway()
    assert file_with(gateway).count == 0
    # One without a drain that sends it was cut off; it is asked about, and not sent.
    assert gateway.came == []


def test_what_is_sent_is_what_is_on_record() -> None:
    producer = make_producer(make_organization(), npn="1234567")
    company = make_company(producer.organization, cocode="90185", fein="001234567", name="Summit & Vale")
    make_company_state(company, "SC", company_license_id="77-1")
    batch = make_batch(producer, "SC", request={"reason": "of appointments this is none"})
    make_transaction(
        producer,
        "SC",
        batch=batch,
        cocode="90185",
        company_name="Summit & Vale",
        line_code="LIF",
        line_name="Life",
        license_number="L1",
        class_code="IP",
        county="Horry",
        appointment_type="local",
        effective_on=date(2026, 12, 1),
        next_at=timezone.now(),
    )
    gateway = ScriptedGateway()
    file_with(gateway)
    assert gateway.filings == [
        Filing(
            kind="appointment",
            npn="1234567",
            state="SC",
            cocode="90185",
            company_name="Summit & Vale",
            fein="001234567",
            company_license_id="77-1",
            line_code="LIF",
            line_name="Life",
            license_number="L1",
            class_code="IP",
            effective_on=date(2026, 12, 1),
            county="Horry",
            appointment_type="local",
        )
    ]


def test_a_termination_says_why() -> None:
    producer = make_producer(make_organization())
    released(producer=producer, kind="termination", termination_reason="Company request", for_cause=True)
    gateway = ScriptedGateway()
    file_with(gateway)
    [filing] = gateway.filings
    assert (filing.kind, filing.reason, filing.for_cause) == ("termination", "Company request", True)


# --- what holds at every instant -------------------------------------------------------------------


@pytest.fixture
def witness() -> Iterator[psycopg.Connection[Any]]:
    """Another session with the same database."""
    with psycopg.connect(url_of_this_database(), autocommit=True) as session:
        yield session


def test_the_key_is_on_disk_and_no_transaction_open_when_it_is_sent(witness: psycopg.Connection[Any]) -> None:
    released(20)
    seen: list[tuple[Any, ...]] = []
    lock = threading.Lock()

    def submit(_: Filing, key: UUID) -> Standing:
        with lock:
            row = witness.execute(
                "SELECT one.status, count(attempt.id), count(attempt.ended_at)"
                " FROM transactions_transaction AS one"
                " JOIN transactions_attempt AS attempt ON attempt.transaction_id = one.id"
                " WHERE one.filing_key = %s AND attempt.key = one.filing_key GROUP BY one.status",
                [key],
            ).fetchone()
            assert row is not None
            seen.append(tuple(row))
        return standing(key)

    file_with(ScriptedGateway(submit), concurrency=4)
    assert seen == [("submitting", 1, 0)] * 20


def test_no_transaction_of_the_database_waits_for_the_registry(witness: psycopg.Connection[Any]) -> None:
    released()
    connection.ensure_connection()
    assert connection.connection is not None
    ours = connection.connection.info.backend_pid
    states: list[str] = []

    def submit(_: Filing, key: UUID) -> Standing:
        # Whatever the thread with the database does just now, it comes to rest outside a transaction.
        while True:
            row = witness.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [ours]).fetchone()
            assert row is not None
            if row[0] == "idle":
                states.append(row[0])
                return standing(key)

    file_with(ScriptedGateway(submit))
    assert states == ["idle"]


def test_the_key_stays_the_same_however_often_it_is_sent() -> None:
    [one] = released()
    errors: list[RegistryError] = [Unavailable(arrival=NO), Throttled(retry_after=0.0, arrival=NO)]

    def submit(_: Filing, key: UUID) -> Standing:
        if errors:
            raise errors.pop(0)
        return standing(key)

    gateway = ScriptedGateway(submit)
    file_with(gateway, concurrency=1)
    one.refresh_from_db()
    assert gateway.came == [one.filing_key] * 3
    assert (one.status, one.attempts) == ("submitted", 3)
    assert list(Attempt.objects.order_by("id").values_list("outcome", flat=True)) == [
        "unavailable",
        "throttled",
        "submitted",
    ]


def test_what_may_have_arrived_is_not_sent_again() -> None:
    released(30)
    gateway = ScriptedGateway(raising(TimedOut()))
    for _ in range(3):
        file_with(gateway, policy=RetryPolicy(first_wait=0, longest_wait=0), concurrency=100)
    assert len(gateway.came) == 30
    assert len(set(gateway.came)) == 30


def test_two_drains_at_once_send_each_once() -> None:
    released(60)
    gateway = ScriptedGateway()

    def drain() -> None:
        file_with(gateway, concurrency=2)
        connections.close_all()

    both = [threading.Thread(target=drain) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(gateway.came) == len(set(gateway.came)) == 60
    assert set(Transaction.objects.values_list("status", flat=True)) == {"submitted"}


def test_a_drain_leaves_alone_what_another_one_is_at(witness: psycopg.Connection[Any]) -> None:
    released()
    Transaction.objects.update(status="submitting", claimed_at=timezone.now(), next_at=None)
    witness.execute("SELECT pg_advisory_lock(%s)", [FILING_LOCK])
    assert file_with(ScriptedGateway()).count == 0
    tasks.sweep(now=timezone.now())
    assert Transaction.objects.get().status == "submitting"
    # The server lets go of it some time after the connection is closed, and the next test needs it.
    witness.execute("SELECT pg_advisory_unlock(%s)", [FILING_LOCK])


def test_what_a_dead_drain_was_sending_is_asked_about_before_it_is_sent_again() -> None:
    released(3)
    dead = ScriptedGateway()
    now = timezone.now()
    claims = claim(limit=2, judge=judge_good, now=now).claims
    # One of the two had arrived.
    dead.submit(claims[0].filing, claims[0].key)
    file_with(dead, quiet=timedelta(seconds=30), clock=lambda: now)
    unknown = Transaction.objects.filter(status="outcome_unknown").order_by("id")
    assert [one.filing_key for one in unknown] == [one.key for one in claims]
    assert {one.note for one in unknown} == {CUT_OFF}
    assert {one.next_at for one in unknown} == {now + timedelta(seconds=30)}
    assert len(dead.came) == 2

    Transaction.objects.filter(status="submitted").update(next_at=None)
    ask_with(dead, clock=lambda: now + timedelta(seconds=29))
    assert dead.asked == []
    later = now + timedelta(seconds=31)
    asked = ask_with(dead, clock=lambda: later)
    assert (asked.asked, asked.never_came) == (2, 1)
    file_with(dead, clock=lambda: later)
    assert [dead.came.count(one.key) for one in claims] == [1, 1]
    assert dead.came.count(claims[0].key) == 1
    assert set(Transaction.objects.values_list("status", flat=True)) == {"submitted"}


def test_a_drain_that_is_told_to_stop_leaves_what_it_did_not_send_as_it_waited() -> None:
    released(10)
    released(10, producer=make_producer(make_organization()), status="held", just_in_time=True)
    sent = threading.Event()

    def submit(_: Filing, key: UUID) -> Standing:
        sent.set()
        return standing(key)

    gateway = ScriptedGateway(submit)
    file_with(gateway, concurrency=1, should_stop=sent.is_set)
    came = Transaction.objects.filter(filing_key__in=gateway.came)
    assert set(came.values_list("status", flat=True)) == {"submitted"}
    rest = Transaction.objects.exclude(filing_key__in=gateway.came)
    assert {(one.status, one.just_in_time) for one in rest} <= {("ready", False), ("held", True)}
    assert all(one.next_at is not None and one.released_at is not None for one in rest)
    assert not Transaction.objects.filter(status="submitting").exists()
    file_with(gateway)
    assert len(gateway.came) == len(set(gateway.came)) == 20


def test_a_call_that_hangs_when_the_drain_ends_may_have_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muster.registry.calls.SECONDS_TO_STOP", 0.05)
    released()
    hangs, sent = threading.Event(), threading.Event()

    def submit(_: Filing, key: UUID) -> Standing:
        sent.set()
        hangs.wait()
        return standing(key)

    try:
        file_with(ScriptedGateway(submit), should_stop=sent.is_set, quiet=timedelta(hours=1))
        one = Transaction.objects.get()
        assert (one.status, Attempt.objects.get().outcome) == ("outcome_unknown", "no_answer")
        assert one.next_at is not None
        assert one.next_at > timezone.now() + timedelta(minutes=59)
    finally:
        hangs.set()


# --- judged again ----------------------------------------------------------------------------------


def judging(**found: Good) -> Callable[..., Mapping[int, Good]]:
    """A judge to whom some lines come out otherwise than good."""

    def judge(*, ids: Sequence[int], today: date) -> Mapping[int, Good]:
        names = dict(Transaction.objects.filter(id__in=ids).values_list("id", "line_name"))
        return {one: found.get(names[one], Good()) for one in ids}

    return judge


@pytest.mark.parametrize("waited", ["ready", "held"])
def test_what_may_not_be_filed_any_more_is_not_sent(waited: str) -> None:
    failures = [["license_not_active", {"state": "CA"}]]
    [one] = released(status=waited, line_name="Life")
    batch = one.batch
    released(line_name="Health")
    gateway = ScriptedGateway()
    lost = Good(Status.NOT_ELIGIBLE, "license_not_active", failures)
    assert file_with(gateway, judge=judging(Life=lost)).count == 2
    one.refresh_from_db()
    assert (one.status, one.reason, one.failures) == ("not_eligible", "license_not_active", failures)
    assert (one.filing_key, one.next_at) == (None, None)
    assert one.note
    assert len(gateway.came) == 1
    batch.refresh_from_db()
    assert batch.state == "done"


@pytest.mark.parametrize("waited", ["ready", "held"])
@pytest.mark.parametrize("keeps_register", [True, False])
def test_what_is_only_recorded_by_now_is_recorded_and_not_sent(waited: str, keeps_register: bool) -> None:
    [one] = released(status=waited)
    company = make_company(one.organization, cocode=COCODE, create_internal_appointments=keeps_register)
    gateway = ScriptedGateway()
    file_with(gateway, judge=judging(Life=Good(Status.RECORDED)))
    one.refresh_from_db()
    assert one.status == "recorded"
    assert one.decided_at is not None
    assert gateway.came == []
    kept = [(found.cocode, found.origin, found.status) for found in Appointment.objects.all()]
    assert kept == ([(company.cocode, "internal", "Appointed")] if keeps_register else [])


def test_one_that_cannot_be_judged_holds_up_no_other() -> None:
    transactions = released(9)
    broken = transactions[4]

    def judge(*, ids: Sequence[int], today: date) -> Mapping[int, Good]:
        if broken.pk in ids:
            raise ZeroDivisionError
        return {one: Good() for one in ids}

    file_with(ScriptedGateway(), judge=judge)
    broken.refresh_from_db()
    assert (broken.status, broken.note, broken.filing_key) == ("ready", NOT_JUDGED, None)
    assert broken.next_at is not None
    assert broken.next_at > timezone.now() + timedelta(minutes=14)
    assert Transaction.objects.filter(status="submitted").count() == 8


def test_what_somebody_else_has_locked_is_left_for_later(witness: psycopg.Connection[Any]) -> None:
    [one] = released()
    [other] = released(producer=make_producer(make_organization()))
    [third] = released(producer=make_producer(make_organization()))
    with witness.transaction():
        witness.execute(
            "SELECT id FROM producers_producer WHERE id = %s FOR NO KEY UPDATE", [one.producer_id]
        )
        witness.execute("SELECT id FROM transactions_transaction WHERE id = %s FOR NO KEY UPDATE", [third.pk])
        file_with(ScriptedGateway())
        assert list(Transaction.objects.filter(status="submitted")) == [other]
    file_with(ScriptedGateway())
    assert Transaction.objects.filter(status="submitted").count() == 3


def test_organizations_have_equal_shares() -> None:
    now = timezone.now()
    released(50, next_at=now - timedelta(hours=2))
    released(3, producer=make_producer(make_organization()), next_at=now)
    claims = claim(limit=10, judge=judge_good, now=now).claims
    assert len({one.organization_id for one in claims}) == 2
    assert len(claims) == 8


# --- the registry as a whole -----------------------------------------------------------------------


def test_a_refused_password_stops_filing_and_is_told(sandbox: SandboxProcess) -> None:
    [one] = released()
    [other] = released(producer=make_producer(make_organization()))
    policy = RetryPolicy(first_wait=0, longest_wait=900)
    with gateway_at(sandbox, password="wrong") as gateway:
        assert file_with(gateway, policy=policy, concurrency=1).refused
        assert file_with(gateway, policy=policy).count == 0
    assert set(Transaction.objects.values_list("status", flat=True)) == {"ready"}
    assert {event.organization_id for event in Event.objects.filter(kind="filing:refuse")} == {
        one.organization_id,
        other.organization_id,
    }
    pause = GatewayPause.objects.get()
    assert pause.until > timezone.now() + timedelta(minutes=14)
    assert "MUSTER_GATEWAY_PASSWORD" in pause.reason
    tasks.sweep(now=timezone.now())
    assert not ProcrastinateJob.objects.exists()

    # Afterwards, with the right password, all goes on.
    GatewayPause.objects.update(until=timezone.now())
    Transaction.objects.update(next_at=timezone.now())
    with gateway_at(sandbox) as gateway:
        file_with(gateway)
    assert not Transaction.objects.filter(status="ready").exists()
    assert not GatewayPause.objects.exists()


def test_being_asked_to_slow_down_pauses_all(sandbox: SandboxProcess, gateway: HttpGateway) -> None:
    released(6)
    sandbox.control(f"gateway/npn/{NPN}", {"behavior": "throttle_once"})
    # The clock stands and nothing is due again: what is tried a second time is answered, and lifts the pause.
    now = timezone.now()
    patient = RetryPolicy(first_wait=300.0, longest_wait=900.0)
    file_with(gateway, concurrency=2, clock=lambda: now, policy=patient)
    pause = GatewayPause.objects.get()
    assert (pause.failure, pause.reason) == ("throttled", "The registry asks us to slow down.")
    assert set(Transaction.objects.values_list("status", flat=True)) == {"ready"}
    through(gateway)
    requests = sandbox.filing_requests()
    assert [request["fault"] for request in requests].count("throttle") == 6
    assert len(sandbox.filings()) == 6


def test_an_outage_pauses_all() -> None:
    released(40)
    gateway = ScriptedGateway(raising(Unavailable(arrival=NO)))
    file_with(gateway, policy=RetryPolicy(first_wait=300, longest_wait=900), concurrency=4)
    assert 8 <= len(gateway.came) < 20
    assert set(Transaction.objects.values_list("status", flat=True)) == {"ready"}
    assert GatewayPause.objects.get().failure == "unavailable"


# --- with the real sandbox, to the end -------------------------------------------------------------


def through(gateway: HttpGateway) -> None:
    """File and ask until all is decided."""
    while Transaction.objects.exclude(status__in=["accepted", "rejected"]).exists():
        Transaction.objects.filter(next_at__isnull=False).update(next_at=timezone.now())
        GatewayPause.objects.all().delete()
        file_with(gateway)
        ask_with(gateway)


@pytest.mark.parametrize(
    "fault", ["throttle", "unavailable", "lost", "http_500_before", "dropped", "held", "broken", "http_500"]
)
def test_whatever_goes_wrong_each_is_filed_once(sandbox: SandboxProcess, fault: str) -> None:
    producer = make_producer(make_organization(), npn=NPN)
    for line_name in ("Life", "Falconry", "Accident & Health or Sickness (including Disability)", "Hunting"):
        released(producer=producer, line_code="", line_name=line_name)
    sandbox.control(f"gateway/npn/{NPN}", {"behavior": f"{fault}_once"})
    with gateway_at(sandbox, read_seconds=IMPATIENT if fault == "held" else PATIENT) as gateway:
        through(gateway)
    filed = {one["key"]: one for one in sandbox.filings()}
    kept = {str(one.filing_key): one for one in Transaction.objects.all()}
    assert set(filed) == set(kept)
    assert len(sandbox.filings()) == 4
    for key, one in kept.items():
        told = filed[key]
        assert (one.status, one.registry_code, one.registry_words, one.registry_id) == (
            told["status"],
            told["code"],
            told["words"],
            told["id"],
        )
        assert one.registry_fee_charged == told["fees"]["registry_cents"]
