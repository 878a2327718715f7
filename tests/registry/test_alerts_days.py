"""Days in a row with the sandbox itself: what changes there stands in our records, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from muster.core.alerts import Timetable
from muster.producers.models import Producer, SyncStatus
from muster.registry.alerts import REFUSED, Plan, Ran, run_due
from muster.registry.models import AlertDay
from muster.registry.nipr.alerts import NiprAlerts
from muster.registry.nipr.client import NiprRegistry
from tests.make import make_organization
from tests.registry.running import account_at, drain_with
from tests.sandbox.process import SandboxProcess, sandbox_process
from tests.year.comparison import on_record, told

CHICAGO = ZoneInfo("America/Chicago")
PLAN = Plan(Timetable(time(10, 15), CHICAGO), "Harbor", "alerts@harbor.example")
NPNS = [str(1_000_001 + number) for number in range(20)]
THURSDAY = date(2026, 3, 5)
"""The clocks go forward in the night to the Sunday after."""

pytestmark = pytest.mark.django_db


@pytest.fixture
def lively() -> Iterator[SandboxProcess]:
    with sandbox_process(today=str(THURSDAY), life=50, timeout_hold=30) as running:
        yield running


class Days:
    """Lives a day at a time: at half past ten what is due is done, and who is named is synced."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox
        self.day = THURSDAY

    def at(self, hour: int = 10, minute: int = 30) -> datetime:
        return datetime.combine(self.day, time(hour, minute), CHICAGO)

    def run(self, *faults: str, hour: int = 10) -> Ran:
        if faults:
            self.sandbox.control("alerts", {"next": list(faults)})
        now = self.at(hour)
        url = f"{self.sandbox.url}/pdb-alerts-industry-services/services/industry-ws"
        with (
            NiprAlerts(account_at(self.sandbox, url=url, read_seconds=5)) as service,
            NiprRegistry(account_at(self.sandbox, read_seconds=5)) as registry,
        ):
            ran = run_due(service=service, now=now, plan=PLAN)
            drain_with(registry, clock=lambda: now + timedelta(minutes=1))
        return ran

    def pass_to(self, day: date) -> None:
        self.sandbox.control("today", {"today": str(day)})
        self.day = day

    def assert_equal(self) -> None:
        with NiprRegistry(account_at(self.sandbox, read_seconds=5)) as registry:
            assert on_record() == told(registry, NPNS)


def test_a_fortnight_with_every_kind_of_trouble_ends_with_equal_records(lively: SandboxProcess) -> None:
    organization = make_organization()
    days = Days(lively)
    Producer.objects.bulk_create(
        Producer(
            organization=organization,
            npn=npn,
            sync_status=SyncStatus.QUEUED,
            sync_next_at=days.at() - timedelta(hours=1),
        )
        for npn in NPNS
    )
    assert days.run().targets.added == len(NPNS)
    days.assert_equal()

    days.pass_to(date(2026, 3, 6))
    ran = days.run("stranger")
    assert (ran.read, ran.strangers) == ([days.day], ["8999999"])
    days.assert_equal()

    for weekend in (date(2026, 3, 7), date(2026, 3, 8)):
        days.pass_to(weekend)
        assert days.run() == Ran()

    # The password ends on Monday, and is changed on Tuesday.
    days.pass_to(date(2026, 3, 9))
    lively.control("password", {"expired": True})
    assert days.run().failure == REFUSED
    days.pass_to(date(2026, 3, 10))
    lively.control("password", {"expired": False})
    assert days.run().read == [date(2026, 3, 9), date(2026, 3, 10)]
    days.assert_equal()

    days.pass_to(date(2026, 3, 11))
    ran = days.run("unknown_line")
    assert [note for note in ran.notes if "ZZ999" in note]
    days.assert_equal()

    days.pass_to(date(2026, 3, 12))
    ran = days.run("truncated")
    assert len(ran.unread) == 1
    assert days.run(hour=11).unread == {}
    days.assert_equal()

    # Nobody runs anything from Friday to Wednesday.
    days.pass_to(date(2026, 3, 18))
    ran = days.run("unknown_state", "repeated")
    assert ran.read == [date(2026, 3, day) for day in (13, 16, 17, 18)]
    assert "ZZ is no state we know." in ran.notes
    days.assert_equal()
    assert set(AlertDay.objects.values_list("state", flat=True)) <= {"read", "nothing"}
    assert {kind for kinds in AlertDay.objects.values_list("kinds", flat=True) for kind in kinds} >= {
        "licensing",
        "demographics",
        "appointments",
    }
