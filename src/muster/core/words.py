"""The words that values may take: categories of lines, agent types, scorecard types, jurisdictions."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

LOA_CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "life": "Life",
        "health": "Health",
        "property": "Property",
        "casualty": "Casualty",
        "personal_lines": "Personal Lines",
        "variable": "Variable Products",
        "fraternal": "Fraternal",
        "credit": "Credit",
        "travel": "Travel",
        "crop": "Crop",
        "surety": "Surety",
        "title": "Title",
        "legal_expense": "Legal Expense",
        "portable_electronics": "Portable Electronics",
        "car_rental": "Car Rental",
        "self_storage": "Self Storage",
        "surplus_lines": "Surplus Lines",
        "adjuster": "Adjuster",
        "other": "Other",
    }
)
"""Our nation-wide grouping of lines of authority: label by code."""

AGENT_TYPES: Mapping[str, str] = MappingProxyType(
    {"producer": "Producer", "adjuster": "Adjuster", "surplus_lines": "Surplus Lines"}
)
"""As what a person is appointed: label by code."""

SCORECARD_TYPES: Mapping[str, str] = MappingProxyType(
    {"license": "License", "license_and_appointment": "License and Appointment"}
)
"""What an assignment asks for: label by code."""


class Jurisdiction(NamedTuple):
    """A state, district or territory that issues licenses."""

    code: str
    name: str
    kind: str


def rules_directory() -> Path:
    """The folder of the rules: `MUSTER_RULES`, or `rules` beside `src`."""
    given = os.environ.get("MUSTER_RULES")
    return Path(given) if given else Path(__file__).resolve().parents[3] / "rules"


@cache
def jurisdictions() -> Mapping[str, Jurisdiction]:
    """Every jurisdiction by its two-letter code, sorted. Source: rules/us/jurisdictions.csv."""
    with (rules_directory() / "us" / "jurisdictions.csv").open(encoding="utf-8", newline="") as file:
        rows = [Jurisdiction(row["code"], row["name"], row["kind"]) for row in csv.DictReader(file)]
    return MappingProxyType({row.code: row for row in rows})


def states() -> Mapping[str, str]:
    """The name of every jurisdiction by its two-letter code."""
    return {code: jurisdiction.name for code, jurisdiction in jurisdictions().items()}
