"""`muster up` as a person meets it: it comes up, stays up, and goes without leaving anything behind."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import psutil
import psycopg
import pytest

from muster.cli.cluster import Cluster
from muster.config.database import database_url, owner_url
from tests.cli.process import UP, command_of, free_port, get, muster, running, still_alive, up, wait_until


def test_it_serves_stops_on_ctrl_c_without_a_process_left_and_starts_again_on_the_same_data(
    home: Path,
) -> None:
    port = free_port()
    with up(home, port, "--no-demo") as started:
        assert get(f"http://127.0.0.1:{port}/healthz") == (200, "ok\n")
        assert f"Muster is at http://localhost:{port}" in started.said
        with psycopg.connect(owner_url(home)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'still here' AS word")
        family = started.family()
        names = " ".join(map(command_of, family))
        assert all(name in names for name in ("muster.cli sandbox", "muster.cli worker", "muster.cli web"))
        assert started.interrupt() == 0
        started.wait_for("Stopped.")
    assert still_alive(family) == []

    with up(home, port, "--no-demo"), psycopg.connect(owner_url(home)) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("still here",)


@pytest.mark.parametrize("moment", ["Sandbox registry ready", "Making a demo"])
def test_ctrl_c_while_it_starts_leaves_nothing_behind(home: Path, moment: str) -> None:
    with running(home, "-m", "muster.cli", "up", "--port", str(free_port())) as starting:
        starting.wait_for(moment)
        family = starting.family()
        assert starting.interrupt() == 0
        starting.wait_for("Stopped.")
    assert still_alive(family) == []


def test_another_command_joins_its_database_and_a_second_one_is_refused(home: Path) -> None:
    with up(home, free_port(), "--no-demo"):
        second = muster(home, "up")
        assert second.returncode == 2
        assert second.stderr.startswith(f"Muster is up already in {home};")
        joined = muster(home, "migrate")
        assert (joined.returncode, joined.stdout) == (0, "The database is up to date.\n")


def test_a_port_that_is_taken_is_said_and_the_next_free_one_used(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with up(home, port, "--no-demo") as started:
            said = next(line for line in started.said if "is taken by another program" in line)
            used = int(said.rsplit(" ", 1)[1])
            assert said == f"Port {port} is taken by another program; using {used}"
            assert f"Muster is at http://localhost:{used}" in started.said
            assert get(f"http://127.0.0.1:{used}/healthz") == (200, "ok\n")


def test_killing_it_leaves_no_orphan_and_the_next_start_works(home: Path) -> None:
    port = free_port()
    with up(home, port, "--no-demo") as started:
        family = started.family()
        started.kill()
    assert still_alive(family) == []
    with up(home, port, "--no-demo"):
        assert get(f"http://127.0.0.1:{port}/healthz") == (200, "ok\n")


@pytest.mark.parametrize(
    ("part", "command"), [("site", "web"), ("worker", "worker"), ("sandbox registry", "sandbox")]
)
def test_a_part_that_dies_is_said_and_started_again(home: Path, part: str, command: str) -> None:
    port = free_port()
    with up(home, port, "--no-demo") as started:

        def parts() -> list[int]:
            own = started.family()[0].children()
            return [child.pid for child in own if f"muster.cli {command}" in command_of(child)]

        (before,) = parts()
        next(child for child in started.family() if child.pid == before).send_signal(signal.SIGKILL)
        said = started.wait_for(f"The {part} was killed by signal 9")
        assert said.endswith("starting it again in 1 s.")
        wait_until(lambda: parts() and parts() != [before], f"the {part} did not start again")
        wait_until(lambda: get(f"http://127.0.0.1:{port}/healthz")[0] == 200, "the site does not answer")


def test_a_database_that_is_killed_comes_back_and_all_go_on(home: Path) -> None:
    port = free_port()
    with up(home, port, "--no-demo"):
        server = psutil.Process(int(Cluster(home).lock.read_text().split()[0]))
        server.kill()
        wait_until(lambda: not server.is_running(), "the server outlived its killing")
        wait_until(Cluster(home).answers, "the server did not come back")
        with psycopg.connect(database_url(home), autocommit=True) as jobs:
            jobs.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
                " VALUES ('periodic', 'bulk.sweep', '{\"timestamp\": 1}')"
            )
            left = (
                "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'bulk.sweep' AND args->>'timestamp' = '1'"
            )
            wait_until(lambda: jobs.execute(left).rowcount == 0, "the worker did not come back")
        wait_until(lambda: get(f"http://127.0.0.1:{port}/healthz")[0] == 200, "the site does not answer")


def test_a_newcomer_gets_a_demo_and_its_logins_once(home: Path) -> None:
    with up(home, free_port()) as started:
        logins = json.loads((home / "demo-logins.json").read_text("utf-8"))
        assert logins
        said = "\n".join(started.said)
        assert all(login["email"] in said and login["password"] in said for login in logins)
    with up(home, free_port()) as again:
        assert not any("Making a demo" in line for line in again.said)
        assert any(logins[0]["email"] in line for line in again.said)
    assert UP in again.said


def test_without_the_demo_its_logins_are_shown_nowhere(home: Path) -> None:
    login = {"email": "admin@demo.example", "password": "made-up-words", "role": "Agency Admin"}
    (home / "demo-logins.json").write_text(json.dumps([login]))
    port = free_port()
    with up(home, port, "--no-demo") as started:
        status, page = get(f"http://127.0.0.1:{port}/accounts/login/")
        assert (status, "made-up-words" in page) == (200, False)
    assert "made-up-words" not in "\n".join(started.said)
