"""Whether a state wants appointments filed."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from io import StringIO
from types import MappingProxyType
from typing import NamedTuple

from muster.core.rulebook import rule_text

FILES = {"appointment": True, "registry": False, "unknown": None}


class FilingRule(NamedTuple):
    """What is known of one state: `files` is None where nobody has told; `source` cites who has."""

    state: str
    files: bool | None
    source: str
    checked_on: str
    standing: str


@cache
def filing_rules() -> Mapping[str, FilingRule]:
    """The rule of each jurisdiction. Source: rules/us/appointment_filing.csv."""
    rows = [
        FilingRule(row["state"], FILES[row["model"]], row["source"], row["checked_on"], row["standing"])
        for row in csv.DictReader(StringIO(rule_text("appointment_filing.csv"), newline=""))
    ]
    return MappingProxyType({row.state: row for row in rows})


@cache
def files_appointments(state: str) -> bool | None:
    """Whether appointments are filed with the state; False where companies only keep a register of their own.

    None where it is unknown.
    """
    rule = filing_rules().get(state)
    return rule.files if rule else None
