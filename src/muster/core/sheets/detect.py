"""Telling a CSV file from a workbook, and both from everything else, by what stands in the file."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO, Literal, NamedTuple

from muster.core.findings import Finding, finding
from muster.core.sheets.limits import Limits, size

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_NOT_TEXT = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x1f\x8b", "a GZIP archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<?xml", b"<table", b"<svg")
_TEXT_BYTES = bytes(sorted({9, 10, 11, 12, 13, 26, 27} | set(range(32, 256))))
HEAD = 64 * 1024

# What a damaged archive makes the zipfile module raise, beside BadZipFile.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    LookupError,
)


class Detected(NamedTuple):
    """What a file is, or why it is refused."""

    kind: Literal["csv", "xlsx"] | None
    refusal: Finding | None = None


def detect(file: BinaryIO, limits: Limits) -> Detected:
    """Tell what a file is from its size and its content; its name is no matter."""
    length = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if head and not head.strip(b"\x00"):
        return Detected(None, finding("FILE-E004", what="binary data"))
    if not head.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe") and length <= HEAD:
        return Detected(None, finding("FILE-E001"))
    if head.startswith(_ZIP):
        if length > limits.xlsx_bytes:
            return Detected("xlsx", _too_large(length, limits.xlsx_bytes, "XLSX"))
        return Detected("xlsx", _check_archive(file, limits))
    if head.startswith(_OLE):
        return Detected(None, _check_ole(file))
    what = _known_not_text(head)
    if what:
        return Detected(None, finding("FILE-E004", what=what))
    if length > limits.csv_bytes:
        return Detected("csv", _too_large(length, limits.csv_bytes, "CSV"))
    return Detected("csv", _check_text(head))


def _too_large(length: int, limit: int, kind: str) -> Finding:
    return finding("FILE-E002", size=size(length), limit=size(limit), kind=kind)


def _known_not_text(head: bytes) -> str | None:
    for magic, what in _NOT_TEXT:
        # Two letters can begin a text as well; a picture or program has a NUL soon after.
        if head.startswith(magic) and (len(magic) > 2 or b"\x00" in head[:64] or not magic.isalpha()):
            return what
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    return "a web page or XML file" if start.startswith(_MARKUP) else None


def _check_text(head: bytes) -> Finding | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    nuls = max(head[::2].count(0), head[1::2].count(0))
    if nuls > len(head) // 5:
        return finding("FILE-E015")
    controls = len(head.translate(None, _TEXT_BYTES))
    return finding("FILE-E004", what="binary data") if controls > len(head) // 20 + 2 else None


def _check_ole(file: BinaryIO) -> Finding:
    """Tell apart what comes in Microsoft's compound files: names in them are UTF-16."""
    encrypted, workbook, tail = False, False, b""
    while chunk := file.read(1 << 20):
        seen = tail + chunk
        encrypted = encrypted or "EncryptedPackage".encode("utf-16-le") in seen
        workbook = workbook or any(name.encode("utf-16-le") in seen for name in ("Workbook", "Book"))
        tail = seen[-64:]
    file.seek(0)
    if encrypted:
        return finding("FILE-E006")
    return finding("FILE-E005") if workbook else finding("FILE-E004", what="an old Office document")


RATIO = 200  # a workbook packs 10 to 60 times; this is far beyond, and harmless where little comes out
HARMLESS = 20 * 1024 * 1024


def _check_archive(file: BinaryIO, limits: Limits) -> Finding | None:
    """Judge an archive by its directory alone, before anything in it is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            mimetype = archive.read("mimetype")[:64] if _small(archive, "mimetype") else b""
    except DAMAGE:
        return finding("FILE-E010")
    finally:
        file.seek(0)
    names = {member.filename.casefold() for member in members}
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > limits.xlsx_unzipped or (unpacked > HARMLESS and unpacked > RATIO * packed):
        return finding("FILE-E008", size=size(unpacked), limit=size(limits.xlsx_unzipped))
    if any(member.flag_bits & 1 for member in members):
        return finding("FILE-E006")
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        return finding("FILE-E007")
    if "xl/workbook.xml" in names:
        # Two members of one name could be read as one thing here and as another by the reader.
        return finding("FILE-E010") if len(names) < len(members) else None
    return _other_archive(names, mimetype)


def _small(archive: zipfile.ZipFile, name: str) -> bool:
    return name in archive.namelist() and archive.getinfo(name).file_size < 1024


def _other_archive(names: set[str], mimetype: bytes) -> Finding:
    if b"opendocument.spreadsheet" in mimetype:
        return finding("FILE-E016", what="an OpenDocument spreadsheet (.ods)")
    if "xl/workbook.bin" in names:
        return finding("FILE-E016", what="an Excel binary workbook (.xlsb)")
    if any(name.endswith(".iwa") for name in names) or "index.zip" in names:
        return finding("FILE-E016", what="an Apple Numbers spreadsheet")
    if "word/document.xml" in names:
        return finding("FILE-E004", what="a Word document")
    if "ppt/presentation.xml" in names:
        return finding("FILE-E004", what="a PowerPoint presentation")
    return finding("FILE-E009")
