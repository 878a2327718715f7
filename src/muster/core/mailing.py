"""Texts of mailings: fields in double braces are filled with what is known. Nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from html import escape
from types import MappingProxyType
from typing import NamedTuple

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "first_name": "First name",
        "last_name": "Last name",
        "npn": "NPN",
        "email": "Email",
        "agency": "Agency",
        "license_states": "Licensed in",
        "next_expiry": "Next license to expire",
        "organization": "Your organization",
        "sender_name": "Your name",
    }
)
"""What can be filled in: label by field."""

LONGEST_TEXT = 20_000
"""Characters of a text."""

_PIECE = re.compile(r"\{\{(?P<inside>[^{}]*)\}\}|(?P<odd>\{\{|\}\}|\{%|%\})")
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']")


class Part(NamedTuple):
    """A piece of a text: words as they are, or a field with what stands where nothing is known."""

    words: str
    field: str = ""


class Problem(NamedTuple):
    """What is wrong in a text, and where: line and column count from 1."""

    line: int
    column: int
    words: str

    def __str__(self) -> str:
        return f"Line {self.line}, character {self.column}: {self.words}"


class Text(NamedTuple):
    """A text that was read: its parts, and what is wrong with it. Only one without problems is filled in."""

    parts: Sequence[Part]
    problems: Sequence[Problem]

    @property
    def fields(self) -> list[str]:
        """The fields that it uses, each once."""
        return list(dict.fromkeys(part.field for part in self.parts if part.field))

    def missing(self, values: Mapping[str, str]) -> list[str]:
        """The fields for which there is no value, and no words to stand in for it."""
        lacking = (part.field for part in self.parts if part.field and not part.words)
        return [field for field in dict.fromkeys(lacking) if not values.get(field)]

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with the values in place of the fields. What stands in a value is never read."""
        return "".join(
            (values.get(part.field) or part.words) if part.field else part.words for part in self.parts
        )


def read(text: str) -> Text:
    """Take a text apart. `{{ agency }}` is a field; in `{{ agency | your agency }}` words stand in for it."""
    parts: list[Part] = []
    problems: list[Problem] = []
    end = 0
    for found in _PIECE.finditer(text):
        parts.append(Part(text[end : found.start()]))
        end = found.end()
        if found["odd"]:
            problems.append(_problem(text, found.start(), _ODD[found["odd"]]))
            continue
        name, _, instead = (piece.strip() for piece in found["inside"].partition("|"))
        if name in FIELDS:
            parts.append(Part(instead, name))
        else:
            problems.append(_problem(text, found.start(), _unknown(name)))
    parts.append(Part(text[end:]))
    return Text([part for part in parts if part.words or part.field], problems)


_ODD = {
    "{{": "this field is not closed. Write {{ first_name }}, with two braces at each end.",
    "}}": "these braces close a field that was not opened. Write {{ first_name }}, or delete them.",
    "{%": "only fields in double braces are known, such as {{ first_name }}.",
    "%}": "only fields in double braces are known, such as {{ first_name }}.",
}


def _problem(text: str, at: int, words: str) -> Problem:
    before = text[:at]
    return Problem(before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1, words)


def _unknown(name: str) -> str:
    if not name:
        return f"this field has no name. There are {', '.join(FIELDS)}."
    close = get_close_matches(name.lower().replace(" ", "_"), FIELDS, n=1, cutoff=0.5)
    if close:
        return f"there is no field “{name[:60]}”. Do you mean {{{{ {close[0]} }}}}?"
    return f"there is no field “{name[:60]}”. There are {', '.join(FIELDS)}."


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text: what blank lines part."""
    return [piece.strip("\n") for piece in re.split(r"\n[ \t]*\n", text.strip("\n")) if piece.strip()]


def as_html(text: str) -> str:
    """A plain text as HTML: paragraphs, line breaks and links; all else is escaped."""
    return "\n".join(f"<p>{'<br>'.join(map(_linked, one.split(chr(10))))}</p>" for one in paragraphs(text))


def _linked(line: str) -> str:
    told, end = [], 0
    for found in _LINK.finditer(line):
        url = escape(found[0])
        told += [escape(line[end : found.start()]), f'<a href="{url}">{url}</a>']
        end = found.end()
    return "".join([*told, escape(line[end:])])


def labels_of(fields: Iterable[str]) -> list[str]:
    """What fields are called."""
    return [FIELDS[field] for field in fields]
