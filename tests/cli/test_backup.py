"""A backup brings everything back, and nothing is overwritten by it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg

from muster.cli.cluster import programs
from muster.config.database import database_url
from tests.cli.process import muster


def test_what_was_backed_up_comes_back_in_an_empty_home(home: Path, database: str, tmp_path: Path) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO django_cache VALUES ('backed up', 'Łucja O’Neill', now())")
    file = tmp_path / "muster.dump"
    assert muster(home, "backup", str(file)).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600

    other = tmp_path / "other"
    restored = muster(other, "restore", str(file))
    assert (restored.returncode, restored.stdout) == (0, "Restored.\n"), restored.stderr
    again = muster(other, "backup", str(tmp_path / "again.dump"))
    assert again.returncode == 0
    assert b"\xc5\x81ucja O\xe2\x80\x99Neill" in _content(tmp_path / "again.dump")


def _content(file: Path) -> bytes:
    table = ["--data-only", "--table=django_cache", "--file=-"]
    return subprocess.run([programs() / "pg_restore", *table, file], capture_output=True, check=True).stdout


def test_a_database_in_use_is_not_overwritten(home: Path, database: str, tmp_path: Path) -> None:
    file = tmp_path / "muster.dump"
    muster(home, "backup", str(file))
    result = muster(home, "restore", str(file))
    assert result.returncode == 2
    assert result.stderr.startswith("The database is not empty")
    assert database_url(home) == database


def test_a_file_that_is_there_is_not_overwritten(home: Path, database: str, tmp_path: Path) -> None:
    file = tmp_path / "muster.dump"
    file.write_text("yesterday's")
    result = muster(home, "backup", str(file))
    assert (result.returncode, result.stderr) == (2, f"{file} is there already; name another file.\n")
    assert file.read_text() == "yesterday's"


def test_a_file_that_is_no_backup_is_refused_and_leaves_nothing(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "photo.dump"
    file.write_bytes(b"\x89PNG")
    other = tmp_path / "other"
    result = muster(other, "restore", str(file))
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert muster(other, "restore", str(file)).stderr == result.stderr
