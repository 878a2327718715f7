"""The drain: against the real sandbox registry, and against scripted ones where an instant matters."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Self

import pytest
from django.db import connection, connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from muster.audit.models import Event
from muster.core.report import Hit, Kind, ProducerReport
from muster.core.sync import RetryPolicy
from muster.licenses.models import License
from muster.producers.models import Producer, SyncStatus
from muster.registry.draining import Drained
from muster.registry.models import RegistryPause
from muster.registry.nipr.client import NiprRegistry
from muster.registry.operations import DRAIN_LOCK
from muster.registry.port import NotFound, Unavailable
from muster.registry.tasks import sync_waiting
from tests.make import make_organization, make_producer
from tests.registry.reports import REPORT
from tests.registry.running import Drain, account_at, drain_with, queue_all
from tests.sandbox.process import SandboxProcess

pytestmark = pytest.mark.django_db(transaction=True)

ENDS = [
    ("9000001", "Not Found", "The registry knows nobody by this NPN."),
    ("9000002", "Success - No Licenses", ""),
    ("9000003", "Success", ""),
    ("9000004", "Success", ""),
    ("9000005", "Success", ""),
    ("9000006", "Success", ""),
    ("9000007", "Retry Error", "The registry did not answer in time."),
    (
        "9000008",
        "Retry Error",
        "The registry answered: The registry could not process the request (sandbox error).",
    ),
    ("9000009", "Retry Error", "The registry could not be reached: it answered HTTP 500"),
    ("9000010", "Retry Error", "The registry's answer could not be read: it is no well-formed XML"),
    ("9000011", "Retry Error", "The registry's answer could not be read: it is no well-formed XML"),
    ("9000012", "Success", ""),
    ("9000013", "Success", ""),
    ("9000014", "Success", ""),
    ("9000015", "Success", ""),
    ("9000016", "Success", ""),
    ("9000017", "Success", ""),
    ("9000018", "Success", ""),
    ("9000019", "Success", ""),
    ("9000020", "Success", ""),
    ("9000021", "Success", ""),
    ("9000022", "Success", ""),
]


def test_every_special_npn_ends_in_its_status(drain_all: Drain) -> None:
    organization = make_organization()
    for npn, _, _ in ENDS:
        make_producer(organization, npn=npn)
    queue_all(organization)
    drain_all()
    found = [
        (producer.npn, producer.get_sync_status_display(), producer.sync_reason.partition(" (line")[0])
        for producer in Producer.objects.order_by("npn")
    ]
    assert found == ENDS
    assert not Producer.objects.filter(sync_status=SyncStatus.PROCESSING).exists()


def queued(count: int) -> list[Producer]:
    """Producers who wait for their sync."""
    organization = make_organization()
    made = [make_producer(organization) for _ in range(count)]
    queue_all(organization)
    return made


def statuses() -> dict[str, int]:
    found: dict[str, int] = {}
    for status in Producer.objects.values_list("sync_status", flat=True):
        found[status] = found.get(status, 0) + 1
    return found


def test_reports_are_stored_as_the_registry_tells_them(drain_all: Drain) -> None:
    organization = make_organization()
    for key in ("9000005", "9000013", "9000015", "9000018"):
        make_producer(organization, npn=key, first_name="Peggy", last_name="Abernathy")
    queue_all(organization)
    drain_all()
    several, accents, unknown_state, action = Producer.objects.order_by("npn")
    assert several.licenses.filter(state="TX").count() == 3
    assert several.licenses.filter(state="CA").count() == 2
    assert set(several.license_states) == set(several.licenses.values_list("state", flat=True))
    assert (accents.first_name, accents.last_name, accents.name_differs) == ("Zoë", "O'Brien-Nuñez", True)
    assert unknown_state.sync_notes == ["ZZ is no state we know: left out."]
    assert "ZZ" not in unknown_state.license_states
    assert action.regulatory_actions.count() == 1


def test_being_throttled_uses_up_no_try(drain_all: Drain, sandbox: SandboxProcess) -> None:
    [producer] = queued(1)
    Producer.objects.update(npn="9000012", sync_attempts=2)
    drain_all()
    producer.refresh_from_db()
    assert producer.sync_status == SyncStatus.SUCCESS
    assert [request["outcome"] for request in sandbox.ledger("9000012")] == [
        "throttled",
        "throttled",
        "answered",
    ]


def test_one_that_is_always_throttled_is_not_tried_for_ever(
    registry: NiprRegistry, sandbox: SandboxProcess
) -> None:
    [producer, other] = queued(2)
    sandbox.control(f"npn/{producer.npn}", {"behavior": "throttled"})
    drain_with(registry, policy=RetryPolicy(attempts=1, first_wait=0, longest_wait=0))
    producer.refresh_from_db()
    other.refresh_from_db()
    assert (producer.sync_status, producer.sync_reason) == (
        SyncStatus.RETRY_ERROR,
        "The registry keeps asking us to slow down.",
    )
    assert other.sync_status == SyncStatus.SUCCESS


def test_a_refused_password_stops_the_drain_and_is_told(sandbox: SandboxProcess) -> None:
    one, other = queued(20)[0].organization, queued(20)[0].organization
    with NiprRegistry(account_at(sandbox, password="wrong")) as registry:
        done = drain_with(registry, policy=RetryPolicy(attempts=3, longest_wait=900), concurrency=4)
    assert done.refused
    assert statuses() == {"queued": 40}
    assert set(Producer.objects.values_list("sync_attempts", flat=True)) == {0}
    told = Producer.objects.exclude(sync_reason="").first()
    assert told is not None
    assert told.sync_reason.startswith("The registry refused our user name or password.")
    assert {event.organization_id for event in Event.objects.filter(kind="sync:refuse")} == {one.pk, other.pk}
    pause = RegistryPause.objects.get()
    assert pause.until > timezone.now() + timedelta(minutes=14)
    assert pause.reason == told.sync_reason

    # While it lasts, nothing is asked; afterwards, with the right password, all goes on.
    with NiprRegistry(account_at(sandbox)) as registry:
        assert drain_with(registry).count == 0
        RegistryPause.objects.update(until=timezone.now())
        drain_with(registry)
    assert statuses() == {"success": 40}
    assert not RegistryPause.objects.exists()


def test_an_outage_uses_up_tries_of_a_few_only() -> None:
    queued(60)
    drain_with(
        Scripted(gone),
        policy=RetryPolicy(attempts=5, first_wait=600, longest_wait=600),
        concurrency=4,
    )
    pause = RegistryPause.objects.get()
    assert pause.reason == "The registry could not be reached."
    tried = Producer.objects.filter(sync_status=SyncStatus.ERROR)
    assert 8 <= tried.count() <= 8 + 4
    assert all(one.sync_attempts == 1 and one.sync_next_at > timezone.now() for one in tried)
    spared = Producer.objects.filter(sync_status=SyncStatus.QUEUED, sync_attempts=0)
    assert spared.count() == 60 - tried.count()
    assert spared.filter(sync_reason=pause.reason).exists()


def test_one_that_got_no_answer_is_tried_again_later(registry: NiprRegistry) -> None:
    [producer] = queued(1)
    Producer.objects.update(npn="9000007")
    drain_with(registry, policy=RetryPolicy(attempts=3, first_wait=60, longest_wait=600))
    producer.refresh_from_db()
    assert (producer.get_sync_status_display(), producer.sync_attempts) == ("NIPR Timeout", 1)
    assert producer.sync_next_at is not None
    wait = producer.sync_next_at - timezone.now()
    assert timedelta(seconds=20) < wait <= timedelta(seconds=60)


class Scripted:
    """A registry that answers as a function says."""

    def __init__(self, answer: Callable[[str], ProducerReport]) -> None:
        self.answer = answer

    def fetch_report(self, npn: str, kind: Kind) -> ProducerReport:
        return self.answer(npn)

    def find(self, *, ssn: str, last_name: str, first_name: str = "") -> list[Hit]:
        return []

    def find_by_license(self, *, number: str, state: str = "") -> list[Hit]:
        return []

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass


def gone(npn: str) -> ProducerReport:
    raise Unavailable


def test_a_slow_answer_holds_up_nobody() -> None:
    slow, *others = queued(150)
    all_others_stored = threading.Event()

    def answer(npn: str) -> ProducerReport:
        if npn == slow.npn:
            assert all_others_stored.wait(30)
        return REPORT._replace(npn=npn)

    def look() -> bool:
        if Producer.objects.filter(sync_status=SyncStatus.SUCCESS).count() == len(others):
            all_others_stored.set()
        return False

    drain_with(Scripted(answer), concurrency=2, should_stop=look)
    assert statuses() == {"success": 150}


def test_as_many_calls_as_allowed_are_under_way_and_never_more() -> None:
    queued(60)
    under_way, most = 0, 0
    lock = threading.Lock()
    five = threading.Barrier(5, timeout=60)

    def answer(npn: str) -> ProducerReport:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        # None comes back before five are under way.
        five.wait()
        with lock:
            under_way -= 1
        return REPORT._replace(npn=npn)

    drain_with(Scripted(answer), concurrency=5)
    assert most == 5


def test_no_transaction_is_open_while_the_registry_is_asked() -> None:
    queued(1)
    seen: set[str] = set()

    def answer(npn: str) -> ProducerReport:
        other = connections.create_connection("default")
        deadline = time.monotonic() + 60
        with other.cursor() as cursor:
            # The drain looks into the database once more after it has claimed, and then comes to rest.
            while seen != {"idle"} and time.monotonic() < deadline:
                cursor.execute(
                    "SELECT DISTINCT state FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    " AND backend_type = 'client backend'"
                )
                seen.clear()
                seen.update(state for (state,) in cursor.fetchall())
        other.close()
        return REPORT._replace(npn=npn)

    drain_with(Scripted(answer), concurrency=1)
    assert seen == {"idle"}


def test_a_fault_of_our_own_in_one_answer_holds_up_nobody() -> None:
    faulty, *_ = queued(5)

    def answer(npn: str) -> ProducerReport:
        if npn == faulty.npn:
            raise ZeroDivisionError
        return REPORT._replace(npn=npn)

    drain_with(Scripted(answer))
    assert statuses() == {"success": 4, "retry_error": 1}


def test_a_report_that_does_not_fit_is_an_error_of_that_producer() -> None:
    odd, *_ = queued(5)
    unstorable = REPORT._replace(licenses=(REPORT.licenses[0]._replace(state="TEXAS"),))
    drain_with(Scripted(lambda npn: (unstorable if npn == odd.npn else REPORT)._replace(npn=npn)))
    odd.refresh_from_db()
    assert statuses() == {"success": 4, "retry_error": 1}
    assert odd.sync_reason == "The registry's answer could not be read: what it says cannot be stored"


def test_a_drain_that_is_told_to_stop_gives_back_what_it_has_claimed() -> None:
    queued(100)
    stop = threading.Event()

    def answer(npn: str) -> ProducerReport:
        stop.set()
        return REPORT._replace(npn=npn)

    drain_with(Scripted(answer), concurrency=2, should_stop=stop.is_set)
    found = statuses()
    assert set(found) == {"success", "queued"}
    assert sum(found.values()) == 100
    assert License.objects.count() == 2 * found["success"]


def test_producers_queued_while_a_drain_runs_are_synced_by_it() -> None:
    [first] = queued(1)
    organization = first.organization

    def answer(npn: str) -> ProducerReport:
        if npn == first.npn:
            make_producer(organization, sync_status=SyncStatus.QUEUED, sync_next_at=timezone.now())
            connection.close()
        return REPORT._replace(npn=npn)

    drain_with(Scripted(answer))
    assert statuses() == {"success": 2}


def test_who_is_queued_while_being_asked_for_is_asked_for_again_by_the_same_drain() -> None:
    [producer] = queued(1)
    asked: list[str] = []

    def answer(npn: str) -> ProducerReport:
        asked.append(npn)
        if len(asked) == 1:
            queue_all(producer.organization)
            connection.close()
        return REPORT._replace(npn=npn, first_name=f"Maeve {len(asked)}")

    assert drain_with(Scripted(answer)).stored == 2
    producer.refresh_from_db()
    assert (producer.sync_status, producer.first_name) == (SyncStatus.SUCCESS, "Maeve 2")
    assert (producer.sync_again, producer.sync_next_at) == (False, None)
    assert asked == [producer.npn] * 2


def test_who_is_named_while_nobody_is_found_is_asked_for_again() -> None:
    [producer] = queued(1)
    asked: list[str] = []

    def answer(npn: str) -> ProducerReport:
        asked.append(npn)
        if len(asked) == 1:
            queue_all(producer.organization)
            connection.close()
            raise NotFound
        return REPORT._replace(npn=npn)

    drain_with(Scripted(answer))
    assert (statuses(), len(asked)) == ({"success": 1}, 2)


def test_a_second_drain_leaves_the_queue_to_the_first() -> None:
    queued(3)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [DRAIN_LOCK])
            assert drain_with(Scripted(lambda npn: REPORT._replace(npn=npn))) == Drained()
            # The server lets go of it some time after the connection is closed, and the next test needs it.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [DRAIN_LOCK])
    finally:
        other.close()
    assert statuses() == {"queued": 3}


def test_what_a_dead_drain_had_claimed_is_synced_by_the_next() -> None:
    queued(3)
    Producer.objects.update(sync_status=SyncStatus.PROCESSING, sync_claimed_at=timezone.now())
    queued(1)
    drain_with(Scripted(lambda npn: REPORT._replace(npn=npn)))
    assert statuses() == {"success": 4}


def test_the_job_comes_back_for_those_tried_again_soon(
    sandbox: SandboxProcess, settings: pytest.FixtureRequest
) -> None:
    [producer] = queued(1)
    Producer.objects.update(npn="9000009")
    account = account_at(sandbox)
    settings.MUSTER_REGISTRY = {  # type: ignore[attr-defined]
        "url": account.url,
        "user": account.user,
        "password": account.password,
        "concurrency": 2,
        "attempts": 3,
        "first_wait_seconds": 30.0,
        "longest_wait_seconds": 30.0,
    }
    ProcrastinateJob.objects.all().delete()
    sync_waiting.func(NeverAborted())
    producer.refresh_from_db()
    [job] = ProcrastinateJob.objects.all()
    assert producer.sync_status == SyncStatus.ERROR
    assert (job.task_name, job.queue_name, job.scheduled_at) == (
        "registry.sync_waiting",
        "gateway",
        producer.sync_next_at,
    )


class NeverAborted:
    def should_abort(self) -> bool:
        return False
