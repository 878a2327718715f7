from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from muster.core import words


@pytest.fixture
def _forgotten() -> Iterator[None]:
    words.jurisdictions.cache_clear()
    yield
    words.jurisdictions.cache_clear()


def test_every_jurisdiction_has_a_name_a_kind_and_a_source() -> None:
    with (words.rules_directory() / "us" / "jurisdictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["code"] for row in rows] == list(words.jurisdictions())
    assert all(row["source"] and row["name"] for row in rows)
    assert {row["kind"] for row in rows} == {"state", "territory", "district"}
    assert sum(row["kind"] == "state" for row in rows) == 50


def test_states_are_told_by_code() -> None:
    assert words.states()["TX"] == "Texas"
    assert words.jurisdictions()["DC"].kind == "district"


@pytest.mark.usefixtures("_forgotten")
def test_rules_may_stand_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "us").mkdir()
    (tmp_path / "us" / "jurisdictions.csv").write_text("code,name,kind,source\nZZ,Nowhere,state,invented\n")
    monkeypatch.setenv("MUSTER_RULES", str(tmp_path))
    assert words.states() == {"ZZ": "Nowhere"}
