"""`muster up` as a person meets it: it comes up, stays up, and goes without leaving anything behind."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from muster.cli.cluster import Cluster
from muster.config.database import database_url, owner_url
from tests.cli.process import (
    UP,
    Running,
    command_of,
    free_port,
    get,
    muster,
    running,
    still_alive,
    up,
    wait_until,
)
from tests.ready_made import copy_of_migrated_home


@dataclass(frozen=True, slots=True)
class Site:
    """A `muster up` that was to use a port that was taken; after each test it is up again."""

    home: Path
    asked_for: int
    started: Running

    @property
    def port(self) -> int:
        """The port it uses."""
        said = next(line for line in self.started.said if "Muster is at " in line)
        return int(said.rsplit(":", 1)[1])

    def answers(self) -> bool:
        """Whether a page comes."""
        return get(f"http://127.0.0.1:{self.port}/healthz") == (200, "ok\n")


@pytest.fixture(scope="module")
def site_of_the_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    copy_of_migrated_home(home)
    login = {"email": "admin@demo.example", "password": "made-up-words", "role": "Agency Admin"}
    (home / "demo-logins.json").write_text(json.dumps([login]))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with up(home, port, "--no-demo") as started:
            yield Site(home, port, started)


@pytest.fixture
def site(no_database_given: None, site_of_the_module: Site) -> Site:
    """A site that is up: one for all tests that leave it so, for to come up takes long."""
    return site_of_the_module


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


def test_another_command_joins_its_database_and_a_second_one_is_refused(site: Site) -> None:
    second = muster(site.home, "up")
    assert second.returncode == 2
    assert second.stderr.startswith(f"Muster is up already in {site.home};")
    joined = muster(site.home, "migrate")
    assert (joined.returncode, joined.stdout) == (0, "The database is up to date.\n")


def test_a_port_that_is_taken_is_said_and_the_next_free_one_used(site: Site) -> None:
    said = next(line for line in site.started.said if "is taken by another program" in line)
    assert said == f"Port {site.asked_for} is taken by another program; using {site.port}"
    assert f"Muster is at http://localhost:{site.port}" in site.started.said
    assert site.answers()


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
def test_a_part_that_dies_is_said_and_started_again(site: Site, part: str, command: str) -> None:
    def parts() -> list[int]:
        own = site.started.family()[0].children()
        return [child.pid for child in own if f"muster.cli {command}" in command_of(child)]

    (before,) = parts()
    next(child for child in site.started.family() if child.pid == before).send_signal(signal.SIGKILL)
    said = site.started.wait_for(f"The {part} was killed by signal 9")
    assert said.endswith("starting it again in 1 s.")
    wait_until(lambda: parts() and parts() != [before], f"the {part} did not start again")
    wait_until(site.answers, "the site does not answer")


def test_a_database_that_is_killed_comes_back_and_all_go_on(site: Site) -> None:
    server = psutil.Process(int(Cluster(site.home).lock.read_text().split()[0]))
    server.kill()
    wait_until(lambda: not server.is_running(), "the server outlived its killing")
    wait_until(Cluster(site.home).answers, "the server did not come back")
    with psycopg.connect(database_url(site.home), autocommit=True) as jobs:
        jobs.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
            " VALUES ('periodic', 'bulk.sweep', '{\"timestamp\": 1}')"
        )
        left = "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'bulk.sweep' AND args->>'timestamp' = '1'"
        wait_until(lambda: jobs.execute(left).rowcount == 0, "the worker did not come back")
    wait_until(site.answers, "the site does not answer")


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


def test_without_the_demo_its_logins_are_shown_nowhere(site: Site) -> None:
    assert "made-up-words" in (site.home / "demo-logins.json").read_text("utf-8")
    status, page = get(f"http://127.0.0.1:{site.port}/accounts/login/")
    assert (status, "made-up-words" in page) == (200, False)
    assert "made-up-words" not in "\n".join(site.started.said)
