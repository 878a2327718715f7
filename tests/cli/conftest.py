"""Homes for the commands under test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from muster.cli.postgres import ensure_database, leave_database
from tests.cli.process import muster


@pytest.fixture
def no_database_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with an embedded database that is up to date."""
    given = os.environ.pop("DATABASE_URL", None)
    folder = tmp_path_factory.mktemp("home")
    ensure_database(folder, durable=False)
    try:
        migrated = muster(folder, "migrate")
        assert migrated.returncode == 0, migrated.stderr
        yield folder
    finally:
        leave_database(folder)
        if given:
            os.environ["DATABASE_URL"] = given
