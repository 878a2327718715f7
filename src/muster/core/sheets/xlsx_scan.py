"""What must be known of a workbook before its reader opens it, and what that reader does not tell.

A reader takes a sheet into memory as a rectangle: one stray cell in the last row and column makes it immense.
So the size is taken from the packed XML first, a chunk at a time. On the way we see what readers leave out:
hidden rows, formulas that were never computed, and formulas that failed.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from muster.core.sheets.detect import DAMAGE

CHUNK = 1 << 20
LONGEST_ROW = 16 << 20  # bytes of XML; beyond, a row is looked at in pieces
DAMAGED = (*DAMAGE, ParseError, DefusedXmlException)

_ROOT = re.compile(rb"<(?:(\w+):)?worksheet[\s>]")


@dataclass(slots=True)
class SheetFacts:
    """How far a sheet reaches and what is peculiar in it; cells are `(row number in Excel, column index)`."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    hidden_rows: int = 0
    uncomputed: set[tuple[int, int]] = field(default_factory=set)
    failed: dict[tuple[int, int], str] = field(default_factory=dict)


class Workbook:
    """The packed parts of a workbook. Methods raise one of DAMAGED where the archive or its XML is broken."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._archive = zipfile.ZipFile(file)

    def check(self) -> None:
        """Unpack all but the sheets once: a size that the directory understates does not fit its checksum."""
        for member in self._archive.infolist():
            if not member.filename.casefold().startswith("xl/worksheets/sheet"):
                for _ in self._chunks(member.filename):
                    pass

    def sheet_parts(self) -> dict[str, str]:
        """The member of each sheet by the sheet's name."""
        book = fromstring(self._archive.read(self._real_name("xl/workbook.xml")))
        links = fromstring(self._archive.read(self._real_name("xl/_rels/workbook.xml.rels")))
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        parts = {}
        for sheet in book.iter():
            if sheet.tag.rpartition("}")[2] == "sheet":
                link = next((value for key, value in sheet.items() if key.endswith("}id")), None)
                target = targets.get(link, "")
                path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
                parts[sheet.get("name", "")] = path
        return parts

    def scan(self, part: str) -> SheetFacts:
        """Read the XML of a sheet through, without keeping it; cells that only have a format count too."""
        facts = SheetFacts()
        for piece, patterns in self._looked_at(part):
            patterns.look(piece, facts)
        return facts

    def reach(self, part: str) -> SheetFacts:
        """How far the values of a sheet reach, and how many there are; slower than `scan`, and exact."""
        facts = SheetFacts()
        for piece, patterns in self._looked_at(part):
            for letters, row_no in patterns.filled.findall(piece):
                facts.cells += 1
                facts.rows = max(facts.rows, int(row_no))
                facts.columns = max(facts.columns, column_count(letters))
        return facts

    def _looked_at(self, part: str) -> Iterator[tuple[bytes, _Patterns]]:
        patterns = None
        for piece in self._pieces(self._real_name(part)):
            if patterns is None:
                root = _ROOT.search(piece)
                patterns = _Patterns((root[1] + b":") if root and root[1] else b"")
            yield piece, patterns

    def _real_name(self, name: str) -> str:
        folded = name.casefold()
        return next((one for one in self._archive.namelist() if one.casefold() == folded), name)

    def _chunks(self, name: str) -> Iterator[bytes]:
        with self._archive.open(name) as member:
            while chunk := member.read(CHUNK):
                yield chunk

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Chunks that are cut where a row begins."""
        kept = b""
        for chunk in self._chunks(name):
            kept += chunk
            cut = max(kept.rfind(b"<row"), kept.rfind(b":row "))
            if cut > 0 and kept[cut : cut + 1] == b":":
                cut = kept.rfind(b"<", 0, cut)
            if cut > 0:
                yield kept[:cut]
                kept = kept[cut:]
            elif len(kept) > LONGEST_ROW:
                yield kept
                kept = b""
        yield kept


class _Patterns:
    """Finds what matters in the XML of a sheet, whose tags may have a prefix."""

    def __init__(self, prefix: bytes) -> None:
        p = re.escape(prefix)
        self._cell_tag = b"<" + prefix + b"c "
        self._formula_tag = b"<" + prefix + b"f"
        self._row = re.compile(rb"<" + p + rb"row\s[^>]*?\br\s*=\s*[\"'](\d{1,9})")
        self._hidden = re.compile(rb"<" + p + rb"row\s[^>]*?\bhidden\s*=\s*[\"'](?:1|true)[\"']")
        self.filled = re.compile(
            rb"<" + p + rb"c\s[^>]*?\br\s*=\s*[\"']([A-Z]{1,4})(\d{1,9})[\"'][^>/]*>",
        )
        self._cell = re.compile(
            rb"<" + p + rb"c\s(?P<attributes>[^>]*[^/>])>"
            rb"(?P<formula><" + p + rb"f(?:\s[^>]*)?(?:/>|>[^<]*</" + p + rb"f>))?"
            rb"(?:<" + p + rb"v>(?P<value>[^<]*)</" + p + rb"v>|<" + p + rb"v\s*/>)?"
            rb"</" + p + rb"c>"
        )

    def look(self, piece: bytes, facts: SheetFacts) -> None:
        cells = piece.count(self._cell_tag)
        facts.cells += cells
        facts.rows = max([facts.rows, *map(int, self._row.findall(piece))])
        # Only a sheet whose references are not written as everyone writes them is searched the slow way.
        wide = _WIDE if piece.count(b' r="') >= cells else _WIDE_SLOW
        facts.columns = max([facts.columns, 26, *map(column_count, set(wide.findall(piece)))])
        if b"hidden" in piece:
            facts.hidden_rows += len(self._hidden.findall(piece))
        if self._formula_tag in piece or b't="e"' in piece or b"t='e'" in piece:
            self._look_at_cells(piece, facts)

    def _look_at_cells(self, piece: bytes, facts: SheetFacts) -> None:
        for cell in self._cell.finditer(piece):
            attributes, value = cell["attributes"], cell["value"]
            place = _REFERENCE.search(attributes)
            if place is None:
                continue
            at = (int(place[2]), column_count(place[1]) - 1)
            if _FAILED.search(attributes):
                facts.failed[at] = (value or b"#VALUE!").decode("utf-8", "replace")
            elif cell["formula"] and not value and not _TEXT.search(attributes):
                facts.uncomputed.add(at)


_WIDE = re.compile(
    rb"r=[\"']([A-Z]{2,4})\d"
)  # from column AA on; where there is none, a sheet has 26 at most
_WIDE_SLOW = re.compile(rb"\br\s*=\s*[\"']([A-Z]{2,4})\d")
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Z]{1,4})(\d{1,9})")
_TEXT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")  # a formula may well give an empty text
_FAILED = re.compile(rb"\bt\s*=\s*[\"']e[\"']")


def column_count(letters: bytes) -> int:
    """How many columns there are up to the one of these letters: A 1, Z 26, AA 27."""
    count = 0
    for letter in letters:
        count = count * 26 + letter - 64
    return count


def column_letters(index: int) -> str:
    """The letters of a column by its index: 0 A, 25 Z, 26 AA."""
    letters = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        letters = chr(65 + rest) + letters
        index -= 1
    return letters
