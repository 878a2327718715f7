"""What verdicts rest on beside facts and the day: the rules' files, and the code that judges by them."""

from __future__ import annotations

import hashlib
from functools import cache

from muster.core.words import rules_directory

JUDGMENT_VERSION = 1
"""Raised by one with each change of code that may make a verdict another, so that all are judged anew."""

RULES = ("lines_of_authority.csv", "license_classes.csv", "appointment_filing.csv")
"""The files by which scorecards and the health of appointments are judged."""


@cache
def rule_text(name: str) -> str:
    """The text of a file of rules/us, read once, so that what is judged by is what `digest` stands for."""
    with (rules_directory() / "us" / name).open(encoding="utf-8", newline="") as file:
        return file.read()


@cache
def digest() -> str:
    """What stands for the rules and the code by which this process judges: another if either is."""
    told = hashlib.sha256(str(JUDGMENT_VERSION).encode())
    for name in RULES:
        told.update(b"\0" + rule_text(name).encode())
    return told.hexdigest()
