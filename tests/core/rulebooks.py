"""Rules of our own for tests: files written beside the shipped ones, and read anew."""

from __future__ import annotations

from pathlib import Path

from muster.core import filing, rulebook
from muster.core.rules import book


def forget() -> None:
    """Have this process read the rules anew."""
    for kept in (
        rulebook.digest,
        rulebook.judged_by,
        rulebook.rule_files,
        rulebook.rule_text,
        book.rulebook,
        filing.files_appointments,
    ):
        kept.cache_clear()


def write_rules(us: Path, name: str, text: str) -> None:
    """Put a file of rules there, as in "ca/appointing.toml"."""
    path = us / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    forget()


def entry(key: str, **fields: str) -> str:
    """A value of a key as it is written, fields as TOML: cited and approximate, unless they say otherwise."""
    told = {"source": '"an invented gazette"', "standing": '"approximate"', **fields}
    lines = [f"{'from' if name == 'since' else name} = {text}" for name, text in told.items()]
    return "\n".join([f"[[{key}]]", *lines, ""])
