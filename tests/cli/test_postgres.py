"""The embedded PostgreSQL: shared, and back on its feet after whatever happened to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from muster.cli import postgres
from muster.cli.cluster import Cluster
from muster.cli.postgres import ensure_database, leave_database
from muster.config.database import owner_url, socket_folder
from tests.cli.process import PATIENCE, environment, wait_until

pytestmark = pytest.mark.usefixtures("no_database_given")

# A process that uses the database until its input ends.
USER = """
import sys
from pathlib import Path
from muster.cli.postgres import ensure_database
ensure_database(Path(sys.argv[1]), durable=False)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    leave_database(tmp_path)


def start(home: Path) -> str:
    ensure_database(home, durable=False)
    return owner_url(home)


def server(home: Path) -> psutil.Process:
    return psutil.Process(int(Cluster(home).lock.read_text().split()[0]))


def other_user(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(home)],
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=PATIENCE)


def write(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('committed')")


def words(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM kept")]


def test_data_outlives_the_server(home: Path) -> None:
    write(start(home))
    leave_database(home)
    assert words(start(home)) == ["committed"]


def test_the_last_user_to_leave_stops_the_server(home: Path) -> None:
    other = other_user(home)
    start(home)
    running = server(home)
    end(other)
    assert Cluster(home).answers()
    leave_database(home)
    assert not running.is_running()


def test_a_user_who_is_killed_does_not_keep_the_server_running(home: Path) -> None:
    other = other_user(home)
    running = server(home)
    other.kill()
    end(other)
    running.wait(PATIENCE)
    assert not Cluster(home).answers()


def test_a_killed_server_comes_back_with_all_that_was_committed(home: Path) -> None:
    url = start(home)
    write(url)
    server(home).kill()
    wait_until(lambda: Cluster(home).answers(), "the server did not come back")
    assert words(url) == ["committed"]


def test_a_killed_guard_takes_the_server_along_and_the_next_start_finds_the_data(home: Path) -> None:
    write(start(home))
    running = server(home)
    guard = running.parent()
    assert guard is not None
    guard.kill()
    running.wait(PATIENCE)
    assert words(start(home)) == ["committed"]


def test_a_power_cut_is_recovered_from(home: Path) -> None:
    other = other_user(home)
    url = owner_url(home)
    write(url)
    running = server(home)
    guard = running.parent()
    assert guard is not None
    for process in (guard, running, *running.children()):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    other.kill()
    end(other)
    assert words(start(home)) == ["committed"]


def test_a_lock_file_with_the_number_of_another_program_is_no_obstacle(home: Path) -> None:
    write(start(home))
    kept = Cluster(home).lock.read_text()
    leave_database(home)
    Cluster(home).lock.write_text(kept.replace(kept.split()[0], str(os.getpid()), 1))
    assert words(start(home)) == ["committed"]


def test_a_home_with_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    start(home)
    try:
        assert socket_folder(home).parent == Path("/tmp")  # noqa: S108
        assert socket_folder(home).stat().st_mode & 0o077 == 0
        write(owner_url(home))
    finally:
        leave_database(home)
    assert not socket_folder(home).exists()


def test_the_role_of_muster_is_no_superuser_and_nothing_listens_on_a_port(home: Path) -> None:
    with psycopg.connect(start(home)) as connection:
        row = connection.execute(
            "SELECT rolsuper, current_setting('listen_addresses') FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, "")


def test_the_data_folder_is_closed_to_others(home: Path) -> None:
    start(home)
    assert Cluster(home).data.stat().st_mode & 0o077 == 0


def test_a_database_that_is_given_is_taken_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/muster")
    assert ensure_database(home) == "postgresql://db.example/muster"
    assert not Cluster(home).folder.exists()
    assert home not in postgres._held
