"""Findings: what is wrong with a file, a column, a value or a row; data, put into words at display."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from types import MappingProxyType

from muster.core.catalogue import ENTRIES, SEVERITY_OF_LETTER, Entry, Scope, Severity

__all__ = ["CATALOGUE", "Entry", "Finding", "Scope", "Severity", "extend", "finding", "fix", "sentence"]

Param = str | int


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: its code, how much it weighs, where it is, and the parameters of its sentence.

    `row` is the number that Excel shows; None where the finding is about the file or its columns.
    `field` is the header of the column, `value` the text found there (masked where the column is sensitive).
    """

    code: str
    severity: Severity
    row: int | None = None
    field: str | None = None
    value: str | None = None
    params: Mapping[str, Param] = dataclass_field(default_factory=dict, hash=False)


_catalogue: dict[str, Entry] = {}

CATALOGUE: Mapping[str, Entry] = MappingProxyType(_catalogue)
"""Every code that is known, by code."""


def extend(entries: Iterable[Entry]) -> None:
    """Add codes of another module to the catalogue.

    Raises ValueError if a code is taken by other words, or if its letter does not say its severity.
    """
    for new in entries:
        if _catalogue.setdefault(new.code, new) != new:
            raise ValueError(f"The code {new.code} is taken.")
        if SEVERITY_OF_LETTER.get(new.code.rpartition("-")[2][:1]) is not new.severity:
            del _catalogue[new.code]
            raise ValueError(f"The letter of {new.code} does not say {new.severity}.")


def finding(
    code: str, *, row: int | None = None, field: str | None = None, value: str | None = None, **params: Param
) -> Finding:
    """Make a finding of the severity that the catalogue gives its code. KeyError if there is none."""
    return Finding(code, _catalogue[code].severity, row, field, value, params)


def sentence(
    code: str,
    *,
    field: str | None = None,
    value: str | None = None,
    params: Mapping[str, Param] | None = None,
) -> str:
    """Say what is wrong, and where."""
    return _catalogue[code].text.format_map(_Words(field, value, params))


def fix(
    code: str,
    *,
    field: str | None = None,
    value: str | None = None,
    params: Mapping[str, Param] | None = None,
) -> str:
    """Say what to do about it."""
    return _catalogue[code].fix.format_map(_Words(field, value, params))


class _Words(dict[str, Param]):
    """The words that fill a sentence; one that an older finding did not keep reads as an ellipsis."""

    def __init__(self, field: str | None, value: str | None, params: Mapping[str, Param] | None) -> None:
        super().__init__(params or {})
        if field is not None:
            self["field"] = field
        if value is not None:
            self["value"] = value

    def __missing__(self, key: str) -> str:
        return "…"


extend(ENTRIES)
