"""The set-based statements of reminders, one a file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The text of a statement, by the name of its file."""
    return (files(__package__) / f"{name}.sql").read_text("utf-8")
