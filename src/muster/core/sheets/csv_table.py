"""Reading CSV: delimiter and header by our own rules, rows one by one, never the whole file in memory."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO, NamedTuple

from muster.core.columns import Columns
from muster.core.findings import Finding, finding
from muster.core.sheets.encoding import STRAY, Encoding, find_encoding, mended
from muster.core.sheets.limits import Limits, number
from muster.core.sheets.table import (
    HEADER_SEARCHED,
    Header,
    Row,
    Table,
    above,
    find_header,
    fitted,
    is_blank,
    matched,
    no_header,
    refused,
)

DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE | re.DOTALL)
# Fed after the last line: it comes out as a record of its own, unless a quotation mark is still open.
_END = "\ue000end of file\ue000"


class _Record(NamedTuple):
    row_no: int
    cells: list[str]
    swallowed: int  # lines that a stray quotation mark made part of it


class _Start(NamedTuple):
    """The records at the start of a file by row number, and why there are no more if the file goes on."""

    records: list[tuple[int, list[str]]]
    trouble: Finding | None = None


class _Unreadable(Exception):
    """The rest of the file cannot be cut into records."""

    def __init__(self, found: Finding) -> None:
        self.finding = found


def open_csv(file: BinaryIO, *, columns: Columns, limits: Limits) -> Table:
    """Find the table in a CSV file that was judged to be text."""
    encoding = find_encoding(file)
    if isinstance(encoding, Finding):
        return refused(columns, encoding, kind="csv")
    delimiter, start = _find_delimiter(file, encoding, columns)
    header = find_header(start.records, columns)
    if header is None:
        return refused(columns, _why_no_header(file, encoding, columns, start), kind="csv")
    said = [] if encoding.label == "UTF-8" else [finding("FILE-I001", encoding=encoding.label)]
    return Table(
        kind="csv",
        encoding=encoding.label,
        delimiter=delimiter,
        header_row=header.row_no,
        header=header.cells,
        match=matched(header, columns, limits),
        at_opening=said + above(header),
        reader=_Reader(file, encoding, delimiter, header, limits).rows,
    ).expect_rows()


def _why_no_header(file: BinaryIO, encoding: Encoding, columns: Columns, start: _Start) -> Finding:
    if start.trouble and not start.records:
        return start.trouble
    # A header with a stray quotation mark is seen only where that mark is taken for text.
    lines = list(islice(_lines(file, encoding), HEADER_SEARCHED))
    for delimiter in DELIMITERS:
        trouble = _start(file, encoding, delimiter).trouble
        plainly = [(0, line.replace('"', "").split(delimiter)) for line in lines]
        if trouble and find_header(plainly, columns):
            return trouble
    if any(not is_blank(cells) for _, cells in start.records):
        return no_header(start.records, columns)
    return start.trouble or finding("FILE-E001")


def _find_delimiter(file: BinaryIO, encoding: Encoding, columns: Columns) -> tuple[str, _Start]:
    """Choose the delimiter whose header names the most columns, then the one that makes the most cells."""
    first = next(_lines(file, encoding), "")
    told = _SEP_LINE.fullmatch(first)
    best: tuple[tuple[int, int], str, _Start] | None = None
    for delimiter in told[1] if told and told[1] not in '"\r\n' else DELIMITERS:
        start = _start(file, encoding, delimiter)
        header = find_header(start.records, columns)
        cells = len(header.cells) if header else max((len(cells) for _, cells in start.records), default=0)
        score = (header.known if header else 0, cells)
        if best is None or score > best[0]:
            best = (score, delimiter, start)
    assert best is not None  # noqa: S101 - there is always a delimiter to try
    return best[1], best[2]


def _start(file: BinaryIO, encoding: Encoding, delimiter: str) -> _Start:
    """Read the records among which the header is; as many of them as can be read."""
    start: list[tuple[int, list[str]]] = []
    try:
        for record in islice(_records(file, encoding, delimiter), HEADER_SEARCHED):
            cells = [mended(cell) for cell in record.cells] if encoding.mixed else record.cells
            start.append((record.row_no, [cell.replace("\x00", "") for cell in cells]))
    except _Unreadable as unreadable:
        return _Start(start, unreadable.finding)
    return _Start(start)


class _Bytes(io.RawIOBase):
    """Lets a text reader have a file without closing it in the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _lines(file: BinaryIO, encoding: Encoding) -> Iterator[str]:
    file.seek(0)
    raw = io.BufferedReader(_Bytes(file), 1 << 18)
    return io.TextIOWrapper(raw, encoding=encoding.codec, errors=encoding.errors, newline="")


def _records(file: BinaryIO, encoding: Encoding, delimiter: str, *, width: int = 0) -> Iterator[_Record]:
    """Cut a file into records, numbered as Excel numbers rows. Raises _Unreadable where that ends early.

    `width` is that of the header, once it is known.
    """
    lines = _lines(file, encoding)
    first = next(lines, "")
    if not _SEP_LINE.fullmatch(first):  # Excel takes this line as an order, and shows no row for it
        lines = chain([first], lines)
    reader = csv.reader(chain(lines, [_END]), delimiter=delimiter)
    before, row_no, swallower = 0, 0, 0
    try:
        for row_no, cells in enumerate(reader, start=1):
            taken, before = reader.line_num - before, reader.line_num
            if cells and cells[-1].endswith(_END):
                if len(cells) > 1 or cells[0] != _END:
                    raise _Unreadable(finding("FILE-E012", row_no=swallower or row_no))
                return
            swallowed = taken - 1 if width and taken > 1 and _swallowed(cells, delimiter, width) else 0
            if swallowed and not swallower:
                swallower = row_no
            yield _Record(row_no, cells, swallowed)
    except csv.Error:
        limit = number(csv.field_size_limit())
        raise _Unreadable(finding("FILE-E013", row_no=swallower or row_no + 1, limit=limit)) from None


def _swallowed(cells: list[str], delimiter: str, width: int) -> bool:
    """Whether a cell of several lines holds other rows, as when a quotation mark closes much too late.

    It does if a line in it has the separators of a whole row, or any if the row does not fit the header.
    """
    fits = len(cells) >= width and not any(cells[width:])
    enough = max(2, width - 1) if fits else 1
    return any(line.count(delimiter) >= enough for cell in cells for line in re.split("[\r\n]+", cell)[1:])


class _Reader:
    """Reads the rows under the header of one file."""

    def __init__(
        self, file: BinaryIO, encoding: Encoding, delimiter: str, header: Header, limits: Limits
    ) -> None:
        self._file = file
        self._encoding = encoding
        self._delimiter = delimiter
        self._header = header
        self._limit = limits.csv_rows

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows that are not blank; count the blank ones and add what goes wrong to the table."""
        width, header_row, count = len(self._header.cells), self._header.row_no, 0
        suspicious = self._encoding.mixed or self._encoding.damaged or self._encoding.nuls
        try:
            records = _records(self._file, self._encoding, self._delimiter, width=width)
            for row_no, cells, swallowed in records:
                if row_no <= header_row:
                    continue
                if is_blank(cells):
                    table.blank_rows += 1
                    continue
                count += 1
                if count > self._limit:
                    table.while_reading.append(finding("FILE-E003", limit=number(self._limit), kind="CSV"))
                    return
                if len(cells) == width and not swallowed and not suspicious:
                    yield Row(row_no, cells)
                else:
                    yield self._judged(row_no, cells, swallowed, width)
        except _Unreadable as unreadable:
            table.while_reading.append(unreadable.finding)

    def _judged(self, row_no: int, cells: list[str], swallowed: int, width: int) -> Row:
        problems: list[Finding] = []
        if swallowed:
            problems.append(finding("ROW-E004", row=row_no, count=swallowed))
        text = "".join(cells)
        if "\x00" in text:
            cells = [cell.replace("\x00", "") for cell in cells]
            problems.append(finding("ROW-E003", row=row_no))
        stray = self._encoding.mixed and STRAY.search(text)
        if stray:
            cells = [mended(cell) for cell in cells]
        if self._encoding.damaged and "\ufffd" in "".join(cells):
            problems.append(finding("ROW-E005", row=row_no, encoding=self._encoding.label))
        elif stray:
            problems.append(finding("ROW-W001", row=row_no))
        problems += fitted(row_no, cells, width)
        return Row(row_no, cells, tuple(problems))
