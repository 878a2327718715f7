from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from muster.core.words import rules_directory

from .rulebooks import forget


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Rules of our own, as they are shipped."""
    shutil.copytree(rules_directory() / "us", tmp_path / "us")
    monkeypatch.setenv("MUSTER_RULES", str(tmp_path))
    forget()
    yield tmp_path / "us"
    monkeypatch.undo()
    forget()
