"""Finding out in which encoding a text file is, by reading all of its bytes once, a chunk at a time."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from muster.core.findings import Finding, finding
from muster.core.sheets.limits import MIB, size

CHUNK = 128 * 1024  # in blocks of a megabyte, the heap of a process that stays would grow with the file
LONGEST_LINE = MIB  # no table has longer lines; a file without line ends must not be taken into memory whole

# Bytes that are no UTF-8 are read as lone surrogates (U+DC80 to U+DCFF), which no file can hold otherwise.
STRAY = re.compile("[\udc80-\udcff]")
_WIDE = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"  # no characters in Windows-1252


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text.

    `label` is for people, `codec` and `errors` are for Python. `mixed`: some lines are Windows-1252 in a file
    that is UTF-8 otherwise. `damaged`: some bytes are no text at all. `nuls`: there are NUL characters.
    """

    label: str
    codec: str
    errors: str = "strict"
    mixed: bool = False
    damaged: bool = False
    nuls: bool = False


def find_encoding(file: BinaryIO) -> Encoding | Finding:
    """Read a file through and tell its encoding, or why it cannot be read. Leaves the file at its start."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    try:
        if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
            return finding("FILE-E011")
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return _scan_utf16(file)
        return _scan_bytes(file, marked=start.startswith(codecs.BOM_UTF8))
    finally:
        file.seek(0)


class _Lines:
    """Watches how far line ends are apart."""

    def __init__(self) -> None:
        self.since = 0

    def too_long(self, chunk: bytes) -> bool:
        ends = [index for index in (chunk.find(b"\n"), chunk.find(b"\r")) if index >= 0]
        if not ends:
            self.since += len(chunk)
            return self.since > LONGEST_LINE
        long = self.since + min(ends) > LONGEST_LINE
        self.since = len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        return long


def _line_too_long() -> Finding:
    return finding("FILE-E019", limit=size(LONGEST_LINE))


def _scan_utf16(file: BinaryIO) -> Encoding | Finding:
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    lines, damaged, nuls = _Lines(), False, False
    while True:
        chunk = file.read(CHUNK)
        if lines.too_long(chunk):
            return _line_too_long()
        text = decoder.decode(chunk, final=not chunk)
        damaged = damaged or "\ufffd" in text
        nuls = nuls or "\x00" in text
        if not chunk:
            return Encoding("UTF-16", "utf-16", "replace", damaged=damaged, nuls=nuls)


def _scan_bytes(file: BinaryIO, *, marked: bool) -> Encoding | Finding:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    lines, nuls, wide, stray, undefined = _Lines(), False, False, False, False
    while True:
        chunk = file.read(CHUNK)
        if lines.too_long(chunk):
            return _line_too_long()
        nuls = nuls or b"\x00" in chunk
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            strays = STRAY.findall(text) if not _is_utf8(text) else []
            stray = stray or bool(strays)
            undefined = undefined or any(ord(one) - 0xDC00 in _UNDEFINED for one in set(strays))
            wide = wide or bool(_WIDE.search(text.lstrip("\ufeff")))
        if not chunk:
            break
    utf8 = "utf-8-sig" if marked else "utf-8"
    if not stray:
        return Encoding("UTF-8", utf8, nuls=nuls)
    if wide or marked:
        return Encoding("UTF-8", utf8, "surrogateescape", mixed=True, damaged=undefined, nuls=nuls)
    return finding("FILE-E011") if undefined else Encoding("Windows-1252", "cp1252", nuls=nuls)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_AS_1252 = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


def mended(text: str) -> str:
    """Read the stray bytes of a mixed file as Windows-1252; those that are no text become U+FFFD."""
    return text.translate(_AS_1252)
