"""The data of license classes and lines of authority."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest

from muster_sandbox.lines import RULES, license_classes
from muster_sandbox.places import STATES

CATEGORIES = {
    "life",
    "health",
    "property",
    "casualty",
    "personal_lines",
    "variable",
    "fraternal",
    "credit",
    "travel",
    "crop",
    "surety",
    "title",
    "legal_expense",
    "portable_electronics",
    "car_rental",
    "self_storage",
    "surplus_lines",
    "adjuster",
    "other",
}
MAJOR = {"life", "health", "property", "casualty", "personal_lines", "variable"}


def rows(name: str) -> list[dict[str, str]]:
    with (RULES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LINES = rows("lines_of_authority.csv")
CLASSES = rows("license_classes.csv")


def test_every_row_is_complete_and_says_where_it_is_from() -> None:
    for row in [*LINES, *CLASSES]:
        assert all(value and value == value.strip() for value in row.values()), row


@pytest.mark.parametrize(
    ("table", "key"),
    [(LINES, ("state", "license_class_code", "loa_code")), (CLASSES, ("state", "license_class_code"))],
    ids=["lines", "classes"],
)
def test_no_key_stands_twice(table: list[dict[str, str]], key: tuple[str, ...]) -> None:
    keys = Counter(tuple(row[part] for part in key) for row in table)
    assert [found for found, times in keys.items() if times > 1] == []


def test_categories_are_those_of_the_domain() -> None:
    for row in LINES:
        found = row["category"].split(";")
        assert set(found) <= CATEGORIES, row
        assert len(found) == len(set(found)), row


def test_every_line_belongs_to_a_class_of_the_same_name() -> None:
    names = {(row["state"], row["license_class_code"]): row["license_class_name"] for row in CLASSES}
    for row in LINES:
        assert names[row["state"], row["license_class_code"]] == row["license_class_name"], row


def test_every_jurisdiction_has_one_general_license_with_the_major_lines() -> None:
    general = {row["state"]: row["license_class_code"] for row in CLASSES if row["general"] == "yes"}
    assert sorted(general) == sorted(STATES)
    assert Counter(row["state"] for row in CLASSES if row["general"] == "yes").most_common(1)[0][1] == 1
    for state, code in general.items():
        held = {
            category
            for row in LINES
            if (row["state"], row["license_class_code"]) == (state, code)
            for category in row["category"].split(";")
        }
        # Puerto Rico's list has no personal lines.
        assert MAJOR - held <= ({"personal_lines"} if state == "PR" else set()), state


def test_every_code_says_whose_it_is_and_invented_ones_are_numbers_above_9000() -> None:
    for row in LINES:
        assert row["code_system"] in {"SBS", "NIPR-PDB", "sandbox"}, row
        if row["code_system"] == "sandbox":
            assert re.fullmatch(r"9[1-9]\d\d", row["loa_code"]), row


def test_california_has_the_four_lines_of_life_and_health() -> None:
    four = {
        row["loa_name"]: row["category"]
        for row in LINES
        if row["state"] == "CA" and {"life", "health"} & set(row["category"].split(";"))
    }
    assert four == {
        "Life": "life",
        "Accident & Health or Sickness (including Disability)": "health",
        "Health and Sickness (excluding Disability)": "health",
        "Part-Time Fraternal": "life;fraternal",
    }


def test_the_general_license_comes_first_and_every_class_has_lines() -> None:
    for state, classes in license_classes().items():
        assert classes[0].general, state
        assert all(one.lines for one in classes), state
        assert len(classes) >= 2, state
