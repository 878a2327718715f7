"""Homes for the commands under test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from muster.cli.postgres import ensure_database, leave_database
from tests.ready_made import copy_of_migrated_home


@pytest.fixture
def no_database_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def home(no_database_given: None, tmp_path: Path) -> Path:
    """A home of one's own whose database is up to date, and at rest."""
    copy_of_migrated_home(tmp_path)
    return tmp_path


@pytest.fixture
def database(home: Path) -> Iterator[str]:
    """The database of that home, running."""
    yield ensure_database(home, durable=False)
    leave_database(home)
