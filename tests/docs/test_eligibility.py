"""What the page about eligibility says of the checks is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from muster.core.eligibility import CHECKS, Check, label_of
from muster.core.findings import CATALOGUE
from muster.imports.appoint_columns import NPN

PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "eligibility.md").read_text("utf-8")
WORDS = {"company": "*company*", "state": "*state*", "entities": "*agencies or individuals*"}


def rows() -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if re.match(r"\| `", line)
    ]


def test_the_page_tells_every_check_in_its_order() -> None:
    assert [row[0].strip("`") for row in rows() if len(row) == 3] == [check.value for check in CHECKS]


def test_the_page_tells_the_reason_of_every_check() -> None:
    told = {Check(row[0].strip("`")): row[1] for row in rows() if len(row) == 3}
    assert told == {check: label_of(check, WORDS) for check in CHECKS}


def test_the_page_tells_every_refusal_of_a_request_that_is_checked() -> None:
    assert NPN  # Its module adds these findings to the catalogue.
    told = {row[0].strip("`") for row in rows() if len(row) == 2}
    # That the producer has changed since the check is found where the row is processed.
    assert told == {code for code in CATALOGUE if code.startswith("APP-E")} - {"APP-E008"}
