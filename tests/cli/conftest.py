"""Homes for the commands under test."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from muster.cli.postgres import ensure_database, leave_database
from muster.config.database import data_folder
from tests.cli.process import muster, wait_until


@pytest.fixture
def no_database_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose database is up to date, and at rest."""
    folder = tmp_path_factory.mktemp("migrated")
    done = muster(folder, "migrate")
    assert done.returncode == 0, done.stderr
    # The server outlives the command that started it by a moment, and files that change cannot be copied.
    wait_until(lambda: not (data_folder(folder) / "postmaster.pid").exists(), "the server did not stop")
    return folder


@pytest.fixture
def home(no_database_given: None, migrated: Path, tmp_path: Path) -> Path:
    """A home of one's own whose database is up to date, and at rest."""
    subprocess.run(["cp", "-a", f"{migrated}/.", tmp_path], check=True)
    return tmp_path


@pytest.fixture
def database(home: Path) -> Iterator[str]:
    """The database of that home, running."""
    yield ensure_database(home, durable=False)
    leave_database(home)
