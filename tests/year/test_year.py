"""A year of days over 2,000 producers, with faults and kills, ends with our records the registry's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from django.utils import timezone

from muster.access.models import Organization
from muster.history.models import Change, Source
from muster.producers.models import Producer, SyncStatus
from muster.registry.nipr.client import NiprRegistry
from tests.conftest import REPOSITORY
from tests.registry.running import account_at
from tests.sandbox.process import SandboxProcess, sandbox_process
from tests.workers import url_of_this_database
from tests.year.comparison import on_record, told

PRODUCERS = 2_000
FIRST, LAST = date(2026, 1, 5), date(2026, 12, 31)
ABSENT = (date(2026, 3, 6), date(2026, 3, 15))
"""A week and more without any worker, through the night in which clocks are put forward."""

KILLS = 25
SECONDS_A_YEAR_MAY_TAKE = 1_500

NPNS = [str(1_000_001 + number) for number in range(PRODUCERS)]
FAULTS = "error=0.02,broken=0.01,http_500=0.02,throttle=0.0005,timeout=0.0005"
ALERT_FAULTS = (
    "unavailable=0.05,error=0.03,unauthorized=0.01,broken=0.03,truncated=0.05,broken_report=0.03,"
    "stranger=0.05,unknown_line=0.05,unknown_state=0.05,repeated=0.05,late=0.2,day_unavailable=0.05"
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(SECONDS_A_YEAR_MAY_TAKE)]


@contextmanager
def registry_of_the_year() -> Iterator[SandboxProcess]:
    with sandbox_process(
        today=FIRST.isoformat(),
        life=2,
        faults=FAULTS,
        alert_faults=ALERT_FAULTS,
        timeout_hold=1,
    ) as sandbox:
        yield sandbox


@pytest.fixture
def organization() -> Organization:
    made = Organization.objects.create(name="Harbor", slug="harbor", kind="agency")
    Producer.objects.bulk_create(
        Producer(
            organization=made,
            npn=npn,
            sync_status=SyncStatus.QUEUED,
            sync_next_at=timezone.now() - timedelta(days=365),
        )
        for npn in NPNS
    )
    return made


class Life:
    """The worker's process, started again wherever it stopped."""

    def __init__(self, sandbox: SandboxProcess, folder: Path) -> None:
        self.progress = folder / "day"
        self.progress.write_text(FIRST.isoformat())
        user, password = sandbox.auth
        self.command = [
            *(sys.executable, "-m", "tests.year.worker"),
            *("--control", f"{sandbox.url.replace('://', f'://{user}:{password}@')}/_control"),
            *("--progress", str(self.progress), "--last", LAST.isoformat()),
            *("--absent", *(day.isoformat() for day in ABSENT)),
        ]
        self.environment = {
            **os.environ,
            "DATABASE_URL": url_of_this_database(),
            "MUSTER_REGISTRY_URL": f"{sandbox.url}/pdb-xml-reports",
            "MUSTER_ALERTS_URL": f"{sandbox.url}/pdb-alerts-industry-services/services/industry-ws",
            "MUSTER_REGISTRY_USER": user,
            "MUSTER_REGISTRY_PASSWORD": password,
            "MUSTER_REGISTRY_READ_SECONDS": "0.6",
            "MUSTER_LOG_LEVEL": "CRITICAL",
        }

    def go_on(self, *, killed_after: float | None = None) -> bool:
        """Live on, to the end or until killed; return whether the year is over."""
        process = subprocess.Popen(self.command, env=self.environment, cwd=REPOSITORY)
        try:
            code = process.wait(killed_after)
            assert code == 0, f"the worker ended with {code} on {self.progress.read_text()}"
        except subprocess.TimeoutExpired:
            assert killed_after is not None
        finally:
            process.kill()
            process.wait()
        return self.progress.read_text() == "done"


def assert_equal_to(sandbox: SandboxProcess) -> None:
    sandbox.control("faults", {"faults": {}})
    with NiprRegistry(account_at(sandbox, read_seconds=20)) as registry:
        theirs = told(registry, NPNS)
    ours = on_record()
    assert len(theirs) > 20 * PRODUCERS
    assert sorted(map(repr, theirs - ours)) == []
    assert sorted(map(repr, ours - theirs)) == []


def test_a_year_with_faults_and_kills_ends_with_records_equal_to_the_registrys(
    organization: Organization, tmp_path: Path
) -> None:
    random = Random(20261120)
    with registry_of_the_year() as sandbox:
        life = Life(sandbox, tmp_path)
        kills = 0
        while kills < KILLS and not life.go_on(killed_after=random.uniform(1.5, 7.0)):
            kills += 1
        assert kills >= KILLS // 2
        while not life.go_on():
            pass
        assert_equal_to(sandbox)
    changed = Change.objects.filter(organization=organization, source=Source.REGISTRY)
    assert set(changed.values_list("kind", flat=True)) >= {"license", "line", "appointment", "address"}
