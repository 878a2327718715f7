"""One code of what can be found, with its words.

A code is `AREA-Xnnn`: what it is about, E (error), W (warning) or I (information), and a number that is never
used again. `text` says what is wrong and where, `fix` what to do; both may name `{field}`, `{value}` and the
finding's own parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error rejects, a warning is told, information is for those who look."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Scope(StrEnum):
    """What a finding is about; findings are told in this order."""

    FILE = "file"
    COLUMNS = "columns"
    VALUES = "values"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue, with the words that a person reads."""

    code: str
    severity: Severity
    scope: Scope
    title: str
    text: str
    fix: str


SEVERITY_OF_LETTER = {"E": Severity.ERROR, "W": Severity.WARNING, "I": Severity.INFO}


def entry(code: str, scope: Scope, title: str, text: str, fix: str) -> Entry:
    """Make an entry whose severity is the letter of its code."""
    return Entry(code, SEVERITY_OF_LETTER[code.rpartition("-")[2][:1]], scope, title, text, fix)
