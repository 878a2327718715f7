"""What stands for the rules by which is judged: another as soon as they are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from muster.core import rulebook
from muster.core.words import rules_directory


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Rules of our own, as they are shipped."""
    shutil.copytree(rules_directory() / "us", tmp_path / "us")
    monkeypatch.setenv("MUSTER_RULES", str(tmp_path))
    forget()
    yield tmp_path / "us"
    monkeypatch.undo()
    forget()


def forget() -> None:
    rulebook.digest.cache_clear()
    rulebook.rule_text.cache_clear()


@pytest.mark.parametrize("name", rulebook.RULES)
def test_the_digest_is_another_once_a_file_of_the_rules_is(name: str, rules: Path) -> None:
    before = rulebook.digest()
    with (rules / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert rulebook.digest() == before, "a process judges by the rules it has read"
    forget()
    assert rulebook.digest() != before


def test_the_digest_is_another_once_the_code_judges_otherwise(
    rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rulebook.digest()
    forget()
    assert rulebook.digest() == before
    forget()
    monkeypatch.setattr(rulebook, "JUDGMENT_VERSION", rulebook.JUDGMENT_VERSION + 1)
    assert rulebook.digest() != before
