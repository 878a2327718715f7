"""Named set-based statements, one file each."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The statement in `name`.sql."""
    return (files(__package__) / f"{name}.sql").read_text("utf-8")
