"""What the page about state rules says of them is so."""

from __future__ import annotations

import re

from muster.core.rules.dates import DateProblem
from muster.core.rules.rule import Standing
from muster.core.rules.terms import EVENTS, TERMS

from .state_rules import PAGE, page

WRITTEN = PAGE.read_text("utf-8")


def section(heading: str) -> str:
    return WRITTEN.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_the_tables_are_those_of_the_rules() -> None:
    assert page(WRITTEN) == WRITTEN, "Write them anew: python -m tests.docs.state_rules"


def test_every_standing_that_a_file_may_have_is_described() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", section("Where a value stands"), re.MULTILINE))
    assert {standing.value for standing in Standing} - told == {"overridden"}


def test_every_further_field_is_described_and_none_besides() -> None:
    fields = section("Further fields")
    assert set(re.findall(r"^\| `(\w+)` \|", fields, re.MULTILINE)) == set(TERMS)
    for event in EVENTS:
        assert f"`{event}`" in fields


def test_every_problem_of_a_date_that_a_case_may_expect_is_named() -> None:
    for problem in DateProblem:
        assert f"`{problem}`" in section("Cases")
