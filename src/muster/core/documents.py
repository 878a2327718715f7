"""Which documents are taken in: by name, size and how they begin. A name alone is not believed."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
MOST = 50
"""So many documents a producer may keep."""

LONGEST_NAME = 120
HEAD = 16
"""So many first bytes tell what a file is."""


class Kind(NamedTuple):
    """A kind of document that is taken in; `starts` and `goes_on` (at byte 8) are how its files begin."""

    label: str
    content_type: str
    extensions: tuple[str, ...]
    starts: bytes
    goes_on: bytes = b""

    def begins(self, head: bytes) -> bool:
        """Whether a file that begins so is of this kind."""
        return head.startswith(self.starts) and head[8:].startswith(self.goes_on)


KINDS = (
    Kind("PDF", "application/pdf", (".pdf",), b"%PDF-"),
    Kind("PNG image", "image/png", (".png",), b"\x89PNG\r\n\x1a\n"),
    Kind("JPEG image", "image/jpeg", (".jpg", ".jpeg"), b"\xff\xd8\xff"),
    Kind("WebP image", "image/webp", (".webp",), b"RIFF", b"WEBP"),
)
ACCEPTED = ",".join(extension for kind in KINDS for extension in kind.extensions)
TAKEN = "PDF, PNG, JPEG or WebP"

UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')


class Judged(NamedTuple):
    """What a file was found to be, or `trouble`: a sentence that says why it is not taken, and what to do."""

    name: str
    content_type: str
    trouble: str = ""


def judge(*, name: str, size: int, head: bytes) -> Judged:
    """Judge a file by its name, its size in bytes, and its first `HEAD` bytes."""
    name = clean_name(name)
    kind = next((kind for kind in KINDS if kind.begins(head)), None)
    named = next((kind for kind in KINDS if name.lower().endswith(kind.extensions)), None)
    trouble = ""
    if size == 0:
        trouble = f"“{name}” is empty. Choose another file."
    elif size > LARGEST:
        trouble = (
            f"“{name}” has {size / MEGABYTE:,.1f} MB; at most {LARGEST // MEGABYTE} MB are taken. "
            "Make the photo or scan smaller and add it again."
        )
    elif named is None:
        trouble = f"“{name}” is of a kind that is not taken. Save it as {TAKEN} and add it again."
    elif kind is not named:
        trouble = (
            f"“{name}” is called {_a(named.label)} but is none"
            f"{f': it is {_a(kind.label)}' if kind else ''}. Save it as {TAKEN} and add it again."
        )
    return Judged(name, kind.content_type if kind else "", trouble)


def clean_name(name: str) -> str:
    """The name without folders, control characters and what no file system takes; never empty."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = " ".join(UNSAFE.sub("", name).split()).lstrip(". ")
    stem, dot, extension = name.rpartition(".")
    if dot and len(name) > LONGEST_NAME:
        return f"{stem[: LONGEST_NAME - 1 - len(extension[:10])]}.{extension[:10]}"
    return name[:LONGEST_NAME] or "document"


def _a(label: str) -> str:
    return f"a {label}"
