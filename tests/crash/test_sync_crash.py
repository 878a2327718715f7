"""Killing a sync at any instant loses nothing: it ends as if it had never been disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.process import muster, running, wait_until
from tests.registry.homes import home_with
from tests.sandbox.process import SandboxProcess, sandbox_process

PRODUCERS = 240
KILLED_AT = (20, 60, 110, 170)
NPNS = [str(1_000_001 + number) for number in range(PRODUCERS)]
TABLES = (
    "producers_registryaddress",
    "producers_registrycontact",
    "producers_regulatoryaction",
    "licenses_lineofauthority",
    "licenses_license",
    "appointments_appointment",
)
RUN_DEPENDENT = {
    "id", "producer_id", "license_id", "first_seen_at", "created_at", "updated_at", "synced_at", "ssn_sealed"
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with sandbox_process(latency_ms=60, today="2026-11-20") as process:
        yield process


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    with home_with(tmp_path, NPNS) as made:
        yield made


def at(sandbox: SandboxProcess) -> dict[str, str]:
    return {
        "MUSTER_REGISTRY_URL": f"{sandbox.url}/pdb-xml-reports",
        "MUSTER_REGISTRY_USER": sandbox.user,
        "MUSTER_REGISTRY_PASSWORD": sandbox.password,
        "MUSTER_REGISTRY_CONCURRENCY": "4",
    }


def count(database: psycopg.Connection[Any], status: str) -> int:
    row = database.execute(
        "SELECT count(*) FROM producers_producer WHERE sync_status = %s", [status]
    ).fetchone()
    assert row is not None
    return int(row[0])


def everything(database: psycopg.Connection[Any]) -> list[str]:
    """All that a sync leaves, without what differs from run to run."""
    rows: list[str] = []
    for table in ("producers_producer", *TABLES):
        cursor = database.execute(f"SELECT * FROM {table}")  # noqa: S608
        assert cursor.description is not None
        kept = [place for place, column in enumerate(cursor.description) if column.name not in RUN_DEPENDENT]
        rows += [repr((table, *(row[place] for place in kept))) for row in cursor.fetchall()]
    return sorted(rows)


def forget(database: psycopg.Connection[Any]) -> None:
    """Leave the producers as if they had never been synced."""
    for table in ("scorecards_judgment", *TABLES, "producers_producer"):
        database.execute(f"DELETE FROM {table}")  # noqa: S608
    database.execute(
        "INSERT INTO producers_producer (organization_id, npn)"
        " SELECT id, unnest(%s::text[]) FROM access_organization",
        [NPNS],
    )


def test_a_sync_that_is_killed_again_and_again_ends_like_one_that_is_not(
    home: tuple[Path, str], sandbox: SandboxProcess
) -> None:
    folder, url = home
    with psycopg.connect(url, autocommit=True) as database:
        undisturbed = muster(folder, "sync", "--wait", **at(sandbox))
        assert undisturbed.returncode == 0, undisturbed.stderr
        expected = everything(database)
        forget(database)

        for killed_at in KILLED_AT:
            with running(folder, "-m", "muster.cli", "sync", "--wait", **at(sandbox)) as started:
                wait_until(lambda at=killed_at: count(database, "success") >= at, "the sync went on")
                started.kill()
            assert count(database, "success") < PRODUCERS

        finished = muster(folder, "sync", "--wait", **at(sandbox))
        assert finished.returncode == 0, finished.stderr
        assert count(database, "success") == PRODUCERS
        assert everything(database) == expected


def test_a_worker_syncs_what_a_killed_one_had_taken(home: tuple[Path, str], sandbox: SandboxProcess) -> None:
    folder, url = home
    worker = ("-m", "muster.cli", "worker", "--queues", "gateway,periodic")
    with psycopg.connect(url, autocommit=True) as database:
        queued = muster(folder, "sync", **at(sandbox))
        assert queued.returncode == 0, queued.stderr
        with running(folder, *worker, **at(sandbox)) as first:
            wait_until(lambda: count(database, "success") >= 20, "the worker synced some")
            first.kill()
        assert count(database, "processing") > 0
        with running(folder, *worker, **at(sandbox)):
            wait_until(lambda: count(database, "success") == PRODUCERS, "the next worker synced the others")
