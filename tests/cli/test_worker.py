"""The worker: no queue waits for another, no job is lost with its worker."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from muster.cli.jobs import MOST_ATTEMPTS, QUEUES
from tests.cli.process import Running, running, still_alive, wait_until

ODD_JOBS = str(Path(__file__).with_name("worker_with_odd_jobs.py"))


@pytest.fixture
def jobs(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def queue(jobs: psycopg.Connection, task: str, on: str, **arguments: str) -> int:
    row = jobs.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES (%s, %s, %s) RETURNING id",
        [on, task, json.dumps(arguments)],
    ).fetchone()
    assert row
    return int(row[0])


def status(jobs: psycopg.Connection, job: int) -> str | None:
    row = jobs.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job]).fetchone()
    return row[0] if row else None


def let_its_heart_stop(jobs: psycopg.Connection) -> None:
    """Have the time pass after which a worker that is not heard of counts as dead."""
    jobs.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")


def odd_jobs(home: Path, *queues: str) -> Running:
    return Running(home, ODD_JOBS, *queues)


def test_a_queue_full_of_long_jobs_keeps_no_other_queue_waiting(
    home: Path, jobs: psycopg.Connection, tmp_path: Path
) -> None:
    gateway = tmp_path / "gateway"
    ends = [tmp_path / f"end {number}" for number in range(3 * QUEUES["bulk"])]
    for end in ends:
        queue(jobs, "odd.wait_for", "bulk", file=str(gateway), then=str(end))
    with running(home, ODD_JOBS):
        wait_until(
            lambda: (
                jobs.execute("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'").rowcount
                == QUEUES["bulk"]
            ),
            "the long jobs did not begin",
        )
        queue(jobs, "odd.touch", "gateway", file=str(gateway))
        wait_until(lambda: all(end.exists() for end in ends), "the long jobs did not end")


def test_a_job_whose_worker_was_killed_runs_again(
    home: Path, jobs: psycopg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "silent"
    job = queue(jobs, "odd.fall_silent", "bulk", file=str(file))
    first = odd_jobs(home)
    wait_until(file.exists, "the job did not begin")
    first.kill()
    assert status(jobs, job) == "doing"
    let_its_heart_stop(jobs)
    with running(home, ODD_JOBS):
        wait_until((tmp_path / "silent.done").exists, "the job did not run again")
        wait_until(lambda: status(jobs, job) is None, "the job did not end")


def test_a_job_whose_worker_was_killed_makes_way_for_one_of_its_kind_that_waits(
    home: Path, jobs: psycopg.Connection, tmp_path: Path
) -> None:
    # The second was queued while the first was under way; but one of a kind may wait.
    lost, waits = [
        queue(jobs, "odd.touch", "gateway", file=str(tmp_path / name)) for name in ("lost", "waits")
    ]
    jobs.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE id = %s", [lost])
    jobs.execute(
        "UPDATE procrastinate_jobs SET queueing_lock = 'odd', scheduled_at = now() + interval '1 hour'"
    )
    with running(home, ODD_JOBS):
        wait_until(lambda: status(jobs, lost) is None, "the lost job stayed")
        jobs.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE id = %s", [waits])
        wait_until((tmp_path / "waits").exists, "the worker works no longer")
    assert not (tmp_path / "lost").exists()


def test_a_job_that_takes_its_worker_down_every_time_is_given_up(
    home: Path, jobs: psycopg.Connection, tmp_path: Path
) -> None:
    job = queue(jobs, "odd.touch", "gateway", file=str(tmp_path / "never"))
    jobs.execute(
        "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s, worker_id = NULL WHERE id = %s",
        [MOST_ATTEMPTS, job],
    )
    with running(home, ODD_JOBS):
        wait_until(lambda: status(jobs, job) == "failed", "the job was not given up")
    assert not (tmp_path / "never").exists()


def test_a_worker_that_is_told_to_stop_finishes_its_job_first(
    home: Path, jobs: psycopg.Connection, tmp_path: Path
) -> None:
    go, end = tmp_path / "go", tmp_path / "end"
    job = queue(jobs, "odd.wait_for", "bulk", file=str(go), then=str(end))
    with running(home, ODD_JOBS) as worker:
        wait_until(lambda: status(jobs, job) == "doing", "the job did not begin")
        worker.process.send_signal(signal.SIGTERM)
        worker.wait_for("Stop requested")
        go.touch()
        assert worker.process.wait(60) == 0
    assert end.exists()
    assert status(jobs, job) is None


def test_a_drain_is_told_to_end_while_other_jobs_may_still_finish(
    home: Path, jobs: psycopg.Connection, tmp_path: Path
) -> None:
    told, end = tmp_path / "told", tmp_path / "end"
    drain = queue(jobs, "odd.go_on_until_told", "gateway", file=str(told))
    other = queue(jobs, "odd.wait_unless_told", "bulk", file=str(told), then=str(end))
    with running(home, ODD_JOBS) as worker:
        wait_until(lambda: status(jobs, drain) == status(jobs, other) == "doing", "the jobs did not begin")
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(60) == 0
    assert end.exists()


def test_a_job_deferred_by_a_job_that_is_undone_never_was(
    home: Path, jobs: psycopg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "never"
    job = queue(jobs, "odd.defer_and_fail", "interactive", file=str(file))
    with running(home, ODD_JOBS):
        wait_until(lambda: status(jobs, job) == "failed", "the job did not fail")
    assert jobs.execute("SELECT 1 FROM procrastinate_jobs WHERE task_name = 'odd.touch'").rowcount == 0


def test_the_command_runs_bulk_jobs_in_a_process_of_their_own_and_stops_both(
    home: Path, jobs: psycopg.Connection
) -> None:
    with running(home, "-m", "muster.cli", "worker") as worker:
        wait_until(
            lambda: jobs.execute("SELECT 1 FROM procrastinate_workers").rowcount == len(QUEUES),
            "the workers did not begin",
        )
        family = worker.family()
        commands = sorted(" ".join(process.cmdline()[3:]) for process in family)
        assert commands == [
            "worker",
            "worker --queues bulk",
            "worker --queues interactive,gateway,webhooks,periodic",
        ]
        assert worker.interrupt() == 0
    assert still_alive(family) == []
    assert jobs.execute("SELECT 1 FROM procrastinate_workers").rowcount == 0
