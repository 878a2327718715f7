"""Given names, family names and firm names from which people and agencies are made up."""

from __future__ import annotations

from pathlib import Path


def _words(file_name: str) -> tuple[str, ...]:
    return tuple(Path(__file__).with_name(file_name).read_text(encoding="utf-8").split())


GIVEN_NAMES = _words("given_names.txt")
FAMILY_NAMES = _words("family_names.txt")
SUFFIXES = ("Jr", "Sr", "II", "III")

FIRM_FIRST = _words("firm_names.txt")
FIRM_SECOND = (
    "Insurance Agency",
    "Insurance Group",
    "Brokerage",
    "Benefits",
    "Risk Partners",
    "Financial Services",
    "Insurance Services",
    "General Agency",
    "Advisors",
    "Underwriters",
)
FIRM_FORM = ("LLC", "Inc.", "Corp.", "LLP", "Co.")
