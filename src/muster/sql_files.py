"""SQL in files of its own, one statement a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files


def statements(package: str) -> Callable[[str], str]:
    """A function that gives the statements of a package by name: `name`.sql, without its ending."""

    @cache
    def statement(name: str) -> str:
        return (files(package) / f"{name}.sql").read_text("utf-8")

    return statement
