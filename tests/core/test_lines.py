"""What lines of authority mean, whoever writes them, and which states want appointments filed."""

from __future__ import annotations

import csv

import pytest

from muster.core.filing import files_appointments, filing_rules
from muster.core.lines import agent_type_of, categories_of, known_lines
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES, rules_directory, states

LINES = "lines_of_authority.csv"


def rules(name: str) -> list[dict[str, str]]:
    with (rules_directory() / "us" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_line_of_the_rules_has_the_categories_written_there() -> None:
    for row in rules(LINES):
        told = categories_of(row["state"], row["license_class_code"], row["loa_code"], row["loa_name"])
        assert told == set(row["category"].split(";"))
        assert told <= LOA_CATEGORIES.keys()


@pytest.mark.parametrize(
    ("state", "class_code", "code", "name", "agent_type", "categories"),
    [
        pytest.param("AK", "IA", "CAS", "Casualty", "producer", {"adjuster"}, id="by class, code and name"),
        pytest.param(
            "AK", "ia ", " cas", "CASUALTY ", "producer", {"adjuster"}, id="in any case and spacing"
        ),
        pytest.param(
            "AK", "", "CAS", "Casualty", "producer", {"casualty"}, id="without a class, as a producer"
        ),
        pytest.param(
            "AK", "", "CAS", "Casualty", "adjuster", {"adjuster"}, id="without a class, as an adjuster"
        ),
        pytest.param("AK", "0999", "77", "casualty", "producer", {"casualty"}, id="by state and name alone"),
        pytest.param("AK", "PRO", "CAS", "Moon travel", "producer", set(), id="a name nobody knows has none"),
        pytest.param("ZZ", "PRO", "CAS", "Casualty", "producer", set(), id="a state nobody knows has none"),
        pytest.param("AK", "PRO", "", "", "producer", set(), id="an empty line has none"),
    ],
)
def test_a_line_is_looked_up(
    state: str, class_code: str, code: str, name: str, agent_type: str, categories: set[str]
) -> None:
    assert categories_of(state, class_code, code, name, agent_type) == categories


def test_every_class_of_the_rules_has_the_agent_type_written_there() -> None:
    for row in rules("license_classes.csv"):
        told = agent_type_of(row["state"], row["license_class_code"], row["license_class_name"])
        assert told == row["agent_type"]
        assert told in {*AGENT_TYPES, "other"}


def test_a_class_nobody_knows_is_a_producers() -> None:
    assert agent_type_of("CA", "no such code", "no such name") == "producer"


def test_a_class_is_known_by_its_name_where_its_code_is_not() -> None:
    assert agent_type_of("CA", "no such code", " independent  ADJUSTER") == "adjuster"


def test_every_jurisdiction_says_whether_it_files_appointments_or_that_this_is_unknown() -> None:
    assert list(filing_rules()) == list(states())
    for rule in filing_rules().values():
        assert (rule.standing == "unknown") == (rule.files is None) == (not rule.source)
        assert rule.standing in {"reviewed", "approximate", "unknown"}


@pytest.mark.parametrize(("state", "files"), [("TX", True), ("CO", False), ("AS", None), ("ZZ", None)])
def test_a_state_files_appointments_keeps_a_register_or_is_unknown(state: str, files: bool | None) -> None:
    assert files_appointments(state) is files


def test_every_line_of_the_rules_is_known_with_its_class_and_categories() -> None:
    told = [
        (
            line.state,
            line.class_code,
            line.class_name,
            line.code,
            line.name,
            sorted(line.categories),
        )
        for line in known_lines()
    ]
    assert told == [
        (
            row["state"],
            row["license_class_code"],
            row["license_class_name"],
            row["loa_code"],
            row["loa_name"],
            sorted(row["category"].split(";")),
        )
        for row in rules(LINES)
    ]


def test_one_class_of_each_state_is_general_and_carries_lines_of_producers() -> None:
    general = {(line.state, line.class_name) for line in known_lines() if line.is_general}
    assert sorted(state for state, _ in general) == sorted({line.state for line in known_lines()})
    assert all(agent_type_of(state, "", name) == "producer" for state, name in general)


def test_californias_general_lines_for_life_and_health_are_four() -> None:
    california = [line for line in known_lines() if line.state == "CA" and line.is_general]
    assert [line.name for line in california if {"life", "health"}.intersection(line.categories)] == [
        "Life",
        "Accident & Health or Sickness (including Disability)",
        "Health and Sickness (excluding Disability)",
        "Part-Time Fraternal",
    ]
