"""What stands for the rules by which is judged: another as soon as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.core import rulebook

from .rulebooks import forget


@pytest.mark.parametrize("name", [*rulebook.LINES_AND_CLASSES, "ri/appointing.toml"])
def test_the_digest_is_another_once_a_file_of_the_rules_is(name: str, rules: Path) -> None:
    before = rulebook.digest()
    with (rules / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert rulebook.digest() == before, "a process judges by the rules it has read"
    forget()
    assert rulebook.digest() != before


def test_the_digest_stays_where_a_file_changes_by_which_no_scorecard_is_judged(rules: Path) -> None:
    before = rulebook.digest()
    with (rules / "ri" / "fees.toml").open("a", encoding="utf-8") as file:
        file.write("\n")
    forget()
    assert rulebook.digest() == before


def test_the_digest_is_another_once_a_state_is_added(rules: Path) -> None:
    before = rulebook.digest()
    (rules / "as").mkdir()
    (rules / "as" / "appointing.toml").write_text("# nothing is told yet\n")
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
