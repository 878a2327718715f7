"""Which files are taken in as documents, and what is said of the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.documents import HEAD, LARGEST, LONGEST_NAME, clean_name, judge

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 "
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"
SCRIPT = b"#!/bin/sh\nrm -rf ."

CASES = [
    ("order.pdf", PDF, 2_000, ""),
    ("Photo.PNG", PNG, 2_000, ""),
    ("photo.jpeg", JPEG, LARGEST, ""),
    ("photo.webp", WEBP, 2_000, ""),
    ("order.pdf", PROGRAM, 2_000, "“order.pdf” is called a PDF but is none. Save it as"),
    ("order.pdf", SCRIPT, 2_000, "is called a PDF but is none"),
    ("photo.png", JPEG, 2_000, "is called a PNG image but is none: it is a JPEG image."),
    ("drawing.svg", SVG, 2_000, "“drawing.svg” is of a kind that is not taken. Save it as PDF, PNG, JPEG or"),
    ("drawing.png", SVG, 2_000, "is called a PNG image but is none"),
    ("sound.webp", b"RIFF\x24\x00\x00\x00WAVEfmt ", 2_000, "is called a WebP image but is none"),
    ("order.pdf.exe", PDF, 2_000, "is of a kind that is not taken"),
    ("order", PDF, 2_000, "is of a kind that is not taken"),
    ("photo.jpg", JPEG, 30 * 1024 * 1024, "“photo.jpg” has 30.0 MB; at most 10 MB are taken. Make the photo"),
    ("photo.jpg", b"", 0, "“photo.jpg” is empty. Choose another file."),
    ("x.pdf", b" " + PDF, 2_000, "is called a PDF but is none"),
]


@pytest.mark.parametrize(("name", "content", "size", "said"), CASES)
def test_a_file_is_taken_for_what_it_is_and_is_called(
    name: str, content: bytes, size: int, said: str
) -> None:
    judged = judge(name=name, size=size, head=content[:HEAD])
    assert said in judged.trouble
    assert bool(judged.trouble) == bool(said)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/order.pdf", "order.pdf"),
        ("C:\\Users\\ada\\order.pdf", "order.pdf"),
        ('a"b\r\nSet-Cookie: x.pdf', "abSet-Cookie x.pdf"),
        ("gpj\u202efdp.exe", "gpjfdp.exe"),
        ("...", "document"),
        ("", "document"),
        ("a" * 300 + ".pdf", "a" * (LONGEST_NAME - 4) + ".pdf"),
    ],
)
def test_a_name_is_kept_without_what_could_harm(name: str, kept: str) -> None:
    assert clean_name(name) == kept


@given(st.text(max_size=400))
def test_any_name_is_short_plain_and_stays_when_cleaned_again(name: str) -> None:
    kept = clean_name(name)
    assert 0 < len(kept) <= LONGEST_NAME
    assert not set(kept) & set('\r\n\0/\\"')
    assert clean_name(kept) == kept
