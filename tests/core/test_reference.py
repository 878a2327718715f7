from __future__ import annotations

from pathlib import Path

import pytest

from muster.core.catalogue import ENTRIES
from muster.core.findings import CATALOGUE
from muster.core.sheets import Limits

from .reference import REFERENCE, pages, placeholders


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_the_page_says_what_the_code_does(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == pages()[path], "Write it anew: python -m tests.core.reference"


def test_the_limits_are_told_in_the_page_about_files() -> None:
    page = (REFERENCE / "upload-files.md").read_text(encoding="utf-8")
    for sentence in Limits().sentences():
        assert sentence in page


def test_every_code_of_the_core_has_a_test_that_finds_it() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [one.code for one in ENTRIES if f'"{one.code}"' not in tests] == []


def test_a_fix_asks_for_no_word_that_a_finding_never_has() -> None:
    for one in CATALOGUE.values():
        assert placeholders(one.fix) - placeholders(one.text) <= {
            "field", "value", "accepted", "columns", "semicolons", "key",
        }, one.code  # fmt: skip
