"""What verdicts rest on beside facts and the day: the rules' files, and the code that judges by them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache

from muster.core.words import rules_directory

JUDGMENT_VERSION = 1
"""Raised by one with each change of code that may make a verdict another, so that all are judged anew."""

LINES_AND_CLASSES = ("lines_of_authority.csv", "license_classes.csv")


@cache
def rule_text(name: str) -> str:
    """The text of a file of rules/us, read once, so that what is judged by is what `digest` stands for."""
    with (rules_directory() / "us" / name).open(encoding="utf-8", newline="") as file:
        return file.read()


@cache
def rule_files() -> tuple[str, ...]:
    """Every file of rules/us by its name there, sorted; without the cases by which rules are tested."""
    folder = rules_directory() / "us"
    return tuple(
        sorted(
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*.*")
            if path.suffix in {".csv", ".toml"} and not path.name.endswith(".cases.toml")
        )
    )


@cache
def judged_by() -> tuple[str, ...]:
    """The files by which scorecards and the health of appointments are judged."""
    return (*LINES_AND_CLASSES, *(name for name in rule_files() if name.endswith("/appointing.toml")))


@cache
def digest() -> str:
    """What stands for the rules and the code by which this process judges: another if either is."""
    return hash_of(judged_by(), str(JUDGMENT_VERSION))


def hash_of(names: Iterable[str], beside: str = "") -> str:
    """What stands for these files and their names, as hexadecimal digits: another if any of them is."""
    told = hashlib.sha256(beside.encode())
    for name in names:
        told.update(f"\0{name}\0{rule_text(name)}".encode())
    return told.hexdigest()
