"""The license classes and lines of authority of each state, read from the project's rules."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RULES = Path(__file__).parents[2] / "rules" / "us"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of authority in the state's words and code, with Muster's categories."""

    code: str
    name: str
    categories: frozenset[str]


# Compared by identity: each stands once in the rules, and is the key of many a cache.
@dataclass(frozen=True, slots=True, eq=False)
class LicenseClass:
    """A kind of license and the lines it may carry; `general` is the state's ordinary producer license."""

    state: str
    code: str
    name: str
    agent_type: str
    general: bool
    lines: tuple[Line, ...]


@cache
def license_classes(rules: Path = RULES) -> dict[str, tuple[LicenseClass, ...]]:
    """Return the classes of each state that carry at least one line, the general one first."""
    lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for row in _rows(rules / "lines_of_authority.csv"):
        line = Line(row["loa_code"], row["loa_name"], frozenset(row["category"].split(";")))
        lines[row["state"], row["license_class_code"]].append(line)
    classes: dict[str, list[LicenseClass]] = defaultdict(list)
    for row in _rows(rules / "license_classes.csv"):
        carried = lines.get((row["state"], row["license_class_code"]))
        if carried:
            classes[row["state"]].append(
                LicenseClass(
                    row["state"],
                    row["license_class_code"],
                    row["license_class_name"],
                    row["agent_type"],
                    row["general"] == "yes",
                    tuple(carried),
                )
            )
    return {
        state: tuple(sorted(found, key=lambda one: not one.general))
        for state, found in sorted(classes.items())
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
