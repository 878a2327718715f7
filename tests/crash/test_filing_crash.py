"""Filings whose worker is killed, any number of times, are filed once each, though answers are dropped."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import count
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from muster.appointments.models import Appointment
from muster.transactions import tasks
from muster.transactions.claiming import FILING_LOCK
from muster.transactions.models import Attempt, Batch, Transaction
from muster.transactions.releasing import release
from muster_sandbox.population import producer as made_up
from tests.make import make_company, make_company_state, make_license, make_line
from tests.sandbox.process import SandboxProcess, sandbox_process
from tests.transactions.appointing import CALIFORNIA, CLASS, ask, make_carrier_desk, make_synced, request_for
from tests.workers import Nursery, nursery

pytestmark = pytest.mark.django_db(transaction=True)

FILINGS = 2_000
KILLS = 50
STANDING_BY = 3
PATIENCE_SECONDS = 120
TODAY = date(2026, 11, 20)

HOLDER = """
SELECT activity.application_name
FROM pg_locks AS held
JOIN pg_stat_activity AS activity ON activity.pid = held.pid
WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
  AND (held.classid::bigint << 32 | held.objid::bigint) = %s
  AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.fixture
def sandbox() -> Iterator[SandboxProcess]:
    with sandbox_process(
        latency_ms=10, decide_after=0, gateway_faults="dropped=0.05", today=str(TODAY)
    ) as process:
        yield process


@pytest.fixture
def workers(sandbox: SandboxProcess) -> Iterator[Nursery]:
    with nursery(
        "gateway",
        "periodic",
        MUSTER_GATEWAY_URL=sandbox.gateway,
        MUSTER_GATEWAY_USER=sandbox.user,
        MUSTER_GATEWAY_PASSWORD=sandbox.password,
        MUSTER_GATEWAY_CONCURRENCY="8",
        MUSTER_GATEWAY_CONNECT_SECONDS="0.5",
        MUSTER_GATEWAY_READ_SECONDS="1",
        MUSTER_GATEWAY_FIRST_WAIT_SECONDS="0.5",
    ) as opened:
        yield opened


def who_files() -> str:
    """The worker that files just now; empty text where none does."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDER, [FILING_LOCK])
        row = cursor.fetchone()
        return str(row[0]) if row else ""


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < deadline, "filing does not get on"
        time.sleep(0.01)


def ready_to_submit() -> list[int]:
    """Appointments of people who live in California, some of whose lines the registry knows."""
    member, _ = make_carrier_desk()
    cocodes = []
    for number in range(5):
        company = make_company(member.organization, cocode=f"9950{number}", name=f"Carrier {number}")
        make_company_state(company, "CA")
        cocodes.append(company.cocode)
    requests = []
    for npn in californians(FILINGS // 20):
        producer = make_synced(member, npn=npn)
        license = make_license(producer, "CA", **CLASS)
        for code, name, _ in CALIFORNIA:
            make_line(license, name, code=code)
        requests.append(request_for(producer, cocodes=cocodes))
    ask(member, *requests)
    return list(Transaction.objects.filter(status="ready").order_by("id").values_list("id", flat=True))


def californians(wanted: int) -> list[str]:
    found: list[str] = []
    for npn in count(1_000_001):
        person = made_up(npn, today=TODAY)
        if (
            person
            and person.resident_state == "CA"
            and any(
                line.name == "Life" and line.active for license in person.licenses for line in license.lines
            )
        ):
            found.append(person.npn)
        if len(found) == wanted:
            break
    return found


def ended() -> int:
    """How many calls have come to an end."""
    return Attempt.objects.filter(ended_at__isnull=False).count()


def submit(ids: Sequence[int]) -> None:
    assert release(ids=ids, by=None, now=timezone.now()) == len(ids)


def test_2000_filings_are_filed_once_each_though_the_worker_is_killed_50_times(
    sandbox: SandboxProcess, workers: Nursery
) -> None:
    random = Random(20261126)
    ids = ready_to_submit()
    assert len(ids) == FILINGS
    names = map("worker {}".format, count())
    for _ in range(STANDING_BY):
        workers.start(next(names))
    share = FILINGS // KILLS
    for kill in range(KILLS):
        enough = ended() + share
        submit(ids[kill * share : (kill + 1) * share])
        wait(lambda enough=enough: who_files() in workers.running or ended() >= enough)
        # Somewhere between the first claim and the last answer on record.
        time.sleep(random.uniform(0.0, 0.8))
        at_work = who_files()
        workers.kill(at_work if at_work in workers.running else random.choice(list(workers.running)))
        workers.start(next(names))
    while Transaction.objects.exclude(status__in=["accepted", "rejected"]).exists():
        # What the sweeper of a living worker does each minute.
        tasks.sweep(now=timezone.now())
        time.sleep(0.2)
    workers.close()

    filed = sandbox.filings()
    kept = list(Transaction.objects.all())
    assert len(filed) == len(kept) == FILINGS
    assert {one["key"] for one in filed} == {str(one.filing_key) for one in kept}
    contents = Counter(
        (one["npn"], one["content"]["cocode"], one["content"]["line_name"], one["content"]["line_code"])
        for one in filed
    )
    assert set(contents.values()) == {1}
    assert contents.keys() == {
        (one.producer.npn, one.cocode, one.line_name, one.line_code)
        for one in Transaction.objects.select_related("producer")
    }

    told = {one["key"]: one for one in filed}
    assert {one.status for one in kept} == {"accepted", "rejected"}
    for one in kept:
        answer = told[str(one.filing_key)]
        assert (one.status, one.registry_id, one.registry_code) == (
            answer["status"],
            answer["id"],
            answer["code"],
        )
    accepted = [one for one in kept if one.status == "accepted"]
    assert Appointment.objects.filter(origin="filed", status="Appointed").count() == len(accepted)
    assert Appointment.objects.count() == len(accepted)
    assert set(Batch.objects.values_list("state", flat=True)) == {"done"}
    # The worker was killed in the midst of calls, and answers were dropped: else nothing is shown.
    assert Attempt.objects.filter(verb="send", ended_at=None).count() > KILLS
    assert sum(one["fault"] == "dropped" for one in sandbox.filing_requests()) > FILINGS // 50
