"""The set-based statements of the scorecards, one a file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The text of a statement, by the name of its file."""
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
