"""What must be known of a workbook before its reader opens it, and what that reader does not tell.

A reader takes a sheet into memory as a rectangle: one stray cell in the last row and column makes it immense.
So the size is taken from the packed XML first, a chunk at a time. On the way we see what readers leave out:
hidden rows, formulas that were never computed, and formulas that failed.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from muster.core.columns import FORMULA_ERRORS
from muster.core.sheets.detect import DAMAGE
from muster.core.sheets.limits import Limits
from muster.core.sheets.table import HEADER_SEARCHED

CHUNK = 1 << 20
LONGEST_ROW = 16 << 20  # bytes of XML; beyond, a row is looked at in pieces
LONGEST_LIST = 4 << 20  # bytes of XML that tell the sheets of a workbook; taken apart, it is many times that
DAMAGED = (*DAMAGE, ParseError, DefusedXmlException)

UNCOMPUTED = 1
_FAILURES = tuple(sorted(FORMULA_ERRORS))
_FIRST_FAILURE = UNCOMPUTED + 1


@dataclass(slots=True)
class SheetFacts:
    """How far a sheet reaches at most, how many cells it has, and which of them are peculiar.

    `peculiar` is by row number in Excel: what each cell from column A on is, 0 if nothing peculiar,
    `UNCOMPUTED`, or else a formula that failed, whose error `failure` tells. `unplaced`: some cells do not
    say where they are. `misread`: the reader would refuse or misread some cells, unless they are restated.
    """

    rows: int = 0
    columns: int = 26
    cells: int = 0
    hidden_rows: int = 0
    unnumbered_rows: int = 0
    unplaced: bool = False
    misread: bool = False
    peculiar: dict[int, bytearray] = field(default_factory=dict)
    peculiar_cells: int = 0

    def note(self, row_no: int, column: int, what: int) -> None:
        """Remember a peculiar cell, in a byte or little more."""
        row = self.peculiar.setdefault(row_no, bytearray())
        if len(row) <= column:
            row.extend(bytes(column + 1 - len(row)))
        row[column] = what
        self.rows = max(self.rows, row_no)
        self.peculiar_cells += 1

    def too_peculiar(self, limits: Limits) -> bool:
        """Whether the peculiar cells alone are more than a sheet may have, so that no more need be known."""
        return (
            len(self.peculiar) > limits.xlsx_rows + HEADER_SEARCHED or self.peculiar_cells > limits.xlsx_cells
        )


def failure(what: int) -> str | None:
    """The error that a peculiar cell shows; None if its formula did not fail."""
    return _FAILURES[what - _FIRST_FAILURE] if what >= _FIRST_FAILURE else None


class Workbook:
    """The packed parts of a workbook. Methods raise one of DAMAGED where the archive or its XML is broken."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._archive = zipfile.ZipFile(file)

    def check(self) -> int:
        """Unpack all but the sheets once, and return how many texts the sheets share.

        A size that the directory understates does not fit its checksum.
        """
        texts = 0
        for member in self._archive.infolist():
            name = member.filename.casefold()
            if not name.startswith("xl/worksheets/sheet"):
                for chunk in self._chunks(member.filename):
                    texts += _tags(chunk, b"si") if name == "xl/sharedstrings.xml" else 0
        return texts

    def sheet_parts(self) -> dict[str, str]:
        """The member of each sheet by the sheet's name."""
        book = fromstring(self._small("xl/workbook.xml"))
        links = fromstring(self._small("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        parts = {}
        for sheet in book.iter():
            if sheet.tag.rpartition("}")[2] == "sheet":
                link = next((value for key, value in sheet.items() if key.endswith("}id")), None)
                target = targets.get(link, "")
                path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
                parts[sheet.get("name", "")] = path
        return parts

    def scan(self, part: str, limits: Limits) -> SheetFacts:
        """Read the XML of a sheet through, without keeping it; cells that only have a format count too.

        Ends early where the peculiar cells are too many.
        """
        facts = SheetFacts()
        for piece in self._pieces(self._real_name(part)):
            _look(piece, facts, limits)
            if facts.too_peculiar(limits):
                break
        return facts

    def reach(self, part: str, scanned: SheetFacts) -> SheetFacts:
        """How far the values of a sheet reach, and how many there are; slower than `scan`, and exact."""
        facts = SheetFacts(columns=0)
        for piece in self._pieces(self._real_name(part)):
            for cell in _CELL_TAG.finditer(piece):
                if cell["end"]:
                    continue
                facts.cells += 1
                place = _REFERENCE.search(cell["attributes"])
                if place:
                    facts.rows = max(facts.rows, int(place[2]))
                    facts.columns = max(facts.columns, column_count(place[1]))
                else:
                    facts.unplaced = True
        if facts.unplaced:
            facts.rows, facts.columns = scanned.rows, scanned.columns
        return facts

    def _small(self, name: str) -> bytes:
        member = self._archive.getinfo(self._real_name(name))
        if member.file_size > LONGEST_LIST:
            raise zipfile.BadZipFile(f"No list of sheets is as long as {name}.")
        return self._archive.read(member)

    def restated(self, part: str) -> BinaryIO:
        """Copy what is needed to read a sheet; cells that the reader would misread become texts, as stored.

        Takes memory for the copy as it is packed, and not for what is in it.
        """
        part, copy = self._real_name(part), io.BytesIO()
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            for name in self._archive.namelist():
                folded = name.casefold()
                pieces: Iterator[bytes] = iter(())
                if name == part:
                    pieces = map(partial(_CELL.sub, _restated), self._pieces(name))
                elif folded.endswith((".xml", ".rels")) and not folded.startswith("xl/worksheets/"):
                    pieces = self._chunks(name)
                with packed.open(name, "w") as member:
                    for piece in pieces:
                        member.write(piece)
        copy.seek(0)
        return copy

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


# Tags may have any prefix, and a value in quotation marks may hold a `>`.
_PREFIX = rb"<(?:[^\s<>/:=\"']+:)?"
_ATTRIBUTES = rb"(?P<attributes>(?:\s+[^\s=<>/]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*"
_ROW_TAG = re.compile(_PREFIX + rb"row" + _ATTRIBUTES + rb"/?>")
_CELL_TAG = re.compile(_PREFIX + rb"c" + _ATTRIBUTES + rb"(?P<end>/?)>")
_CELL = re.compile(
    _PREFIX + rb"c\s(?P<attributes>[^>]*[^/>])>"
    rb"(?P<formula>" + _PREFIX + rb"f(?:\s[^>]*)?(?:/>|>[^<]*</[^>]*>))?"
    rb"(?:" + _PREFIX + rb"v>(?P<value>[^<]*)</[^>]*>|" + _PREFIX + rb"v\s*/>)?"
    rb"</[^>]*>"
)
_USUAL_ROW = re.compile(rb"<row r=\"(\d{1,9})")
_ENDS = (b" ", b">", b"/", b"\t", b"\n", b"\r")  # of the name of a tag
_WIDE = re.compile(rb"r=[\"']([A-Za-z]{2,4})\d")  # from column AA on; where there is none, 26 at most
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,4})(\d{1,9})")
_NUMBER = re.compile(rb"\br\s*=\s*[\"'](\d{1,9})")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_TEXT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")  # a formula may well give an empty text
_FAILED = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_TYPE = re.compile(rb"\bt\s*=\s*[\"'](\w*)[\"']")
_STYLE = re.compile(rb"\bs\s*=")
_FAILURES_READ = {b"#REF!", b"#N/A", b"#VALUE!", b"#DIV/0!", b"#NAME?", b"#NUM!", b"#NULL!"}
# A sign before the exponent: so writes who gives a number only some of its digits, and leaves the others out.
_POWER = re.compile(rb"v>\d(?:\.\d+)?[eE]\+\d+<")
_ROUNDED = re.compile(rb"(\d)(?:\.(\d+))?[eE]\+(\d{1,3})")
_MINUS = re.compile(rb"v>-")
_NEGATIVE = re.compile(rb"-\d+(?:\.\d+)?")  # formatted as a date it would be read as midnight


def _restated(cell: re.Match[bytes]) -> bytes:
    """The XML of a cell, changed if the reader would refuse or misread it."""
    value = cell["value"]
    if not value:
        return cell[0]
    kind = _TYPE.search(cell["attributes"])
    before, after = cell.start("value") - cell.start(), cell.end("value") - cell.start()
    if kind and kind[1] == b"e":
        # Which error it is, the peculiar cells tell.
        return cell[0] if value in _FAILURES_READ else cell[0][:before] + b"#VALUE!" + cell[0][after:]
    if (kind and kind[1] != b"n") or not (_lost_digits(value) or _is_odd_date(cell["attributes"], value)):
        return cell[0]
    start, end = cell.start("attributes") - cell.start(), cell.end("attributes") - cell.start()
    return cell[0][:start] + b't="str" ' + _TYPE.sub(b"", cell["attributes"]) + cell[0][end:]


def _may_be_misread(piece: bytes) -> bool:
    """Judge quickly whether it is worth looking at the numbers one by one."""
    if (b"E+" in piece or b"e+" in piece) and _POWER.search(piece):
        return True
    before_negatives = (piece[max(0, one.start() - 200) : one.start()] for one in _MINUS.finditer(piece))
    return any(_STYLE.search(b"".join(before.rsplit(b"<", 2)[1:])) for before in before_negatives)


def _lost_digits(value: bytes) -> bool:
    rounded = _ROUNDED.fullmatch(value)
    return rounded is not None and len(rounded[2] or b"") < int(rounded[3])


def _is_odd_date(attributes: bytes, value: bytes) -> bool:
    return bool(_STYLE.search(attributes) and _NEGATIVE.fullmatch(value))


def _look(piece: bytes, facts: SheetFacts, limits: Limits) -> None:
    if _is_usual(piece, b"row"):
        numbers = map(int, _USUAL_ROW.findall(piece))
        facts.rows = max(facts.rows, facts.unnumbered_rows + max(numbers, default=0))
    else:
        _look_at_rows(piece, facts)
    if b"hidden" in piece:
        facts.hidden_rows += sum(1 for row in _ROW_TAG.finditer(piece) if _HIDDEN.search(row["attributes"]))
    if _is_usual(piece, b"c"):
        facts.cells += piece.count(b"<c")
        wide = {match[1] for match in _WIDE.finditer(piece)}
        facts.columns = max([facts.columns, *map(column_count, wide)])
    else:
        facts.cells += _tags(piece, b"c")
        _look_at_places(piece, facts)
    if b"<f" in piece or b":f" in piece or b't="e"' in piece or b"t='e'" in piece:
        _look_at_cells(piece, facts, limits)
    if not facts.misread and _may_be_misread(piece):
        facts.misread = any(_restated(cell) != cell[0] for cell in _CELL.finditer(piece))


def _is_usual(piece: bytes, name: bytes) -> bool:
    """Whether all tags of a name are written as everyone writes them, which can be looked at quickly."""
    return piece.count(b"<" + name) == piece.count(b"<" + name + b' r="') and b":" + name not in piece


def _tags(piece: bytes, name: bytes) -> int:
    """Count tags with any prefix or none, or a few more where a text looks like one."""
    return sum(piece.count(before + name + end) for before in (b"<", b":") for end in _ENDS)


def _look_at_rows(piece: bytes, facts: SheetFacts) -> None:
    numbered = 0
    for row in _ROW_TAG.finditer(piece):
        number = _NUMBER.search(row["attributes"])
        if number:
            numbered += 1
            facts.rows = max(facts.rows, int(number[1]) + facts.unnumbered_rows)
    # Each follows the row before it; wherever that is, the sheet cannot reach farther.
    unnumbered = max(0, _tags(piece, b"row") - numbered)
    facts.unnumbered_rows += unnumbered
    facts.rows += unnumbered


def _look_at_places(piece: bytes, facts: SheetFacts) -> None:
    """Measure a sheet whose references are not written as everyone writes them, or that has none."""
    for row in re.split(rb"<(?:[^\s<>/:]+:)?row\b", piece):
        farthest, placed = 0, 0
        for cell in _CELL_TAG.finditer(row):
            place = _REFERENCE.search(cell["attributes"])
            if place:
                placed += 1
                farthest = max(farthest, column_count(place[1]))
                facts.rows = max(facts.rows, int(place[2]))
        # A cell without a place follows the one before it.
        facts.columns = max(facts.columns, farthest + _tags(row, b"c") - placed)


def _look_at_cells(piece: bytes, facts: SheetFacts, limits: Limits) -> None:
    for cell in _CELL.finditer(piece):
        attributes, value = cell["attributes"], cell["value"]
        place = _REFERENCE.search(attributes)
        failed = _FAILED.search(attributes)
        facts.misread = facts.misread or bool(failed and value and value not in _FAILURES_READ)
        if place is None:
            continue
        if failed:
            error = (value or b"").decode("utf-8", "replace")
            what = _FIRST_FAILURE + _FAILURES.index(error if error in FORMULA_ERRORS else "#VALUE!")
        elif cell["formula"] and not value and not _TEXT.search(attributes):
            what = UNCOMPUTED
        else:
            continue
        # Where a header may not reach, it is enough to know that there is something.
        facts.note(int(place[2]), min(column_count(place[1]) - 1, limits.columns), what)
        if facts.too_peculiar(limits):
            return


def column_count(letters: bytes) -> int:
    """How many columns there are up to the one of these letters: A 1, Z 26, AA 27."""
    count = 0
    for letter in letters.upper():
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
