"""A table that was found in a file: its header, and its rows, read as they are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from muster.core.columns import SHOWN, Columns, HeaderMatch
from muster.core.findings import Finding, Severity, finding
from muster.core.sheets.limits import Limits

HEADER_SEARCHED = 20  # records at the start of a table among which its header is looked for


class Row(NamedTuple):
    """One row as it stands in the file: the number that Excel shows, its texts, and what is wrong with it.

    There are at least as many cells as headers, and more only where the row has too many.
    """

    row_no: int
    cells: list[str]
    problems: tuple[Finding, ...] = ()


RowReader: TypeAlias = Callable[["Table"], Iterator[Row]]


@dataclass(slots=True)
class Table:
    """A table in a file. A file that cannot be read is a table without rows, with findings that say why.

    `findings` are about the file and its columns; some, such as too many rows, show only while rows are read,
    so `findings`, `ok` and `blank_rows` are final once `rows()` has come to its end.
    """

    kind: Literal["csv", "xlsx"] | None
    match: HeaderMatch
    encoding: str | None = None
    delimiter: str | None = None
    sheet_name: str | None = None
    header_row: int = 0
    header: list[str] = field(default_factory=list)
    blank_rows: int = 0
    at_opening: list[Finding] = field(default_factory=list)
    while_reading: list[Finding] = field(default_factory=list)
    reader: RowReader | None = None

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with the file and its columns, in the order in which it is told."""
        return [*self.at_opening, *self.while_reading, *self.match.findings]

    @property
    def ok(self) -> bool:
        """Whether the rows can be used: no finding about the file or its columns is an error."""
        return not any(one.severity is Severity.ERROR for one in self.findings)

    def rows(self) -> Iterator[Row]:
        """Read the rows that are not blank, from the first on; none if the file was refused when opened."""
        self.blank_rows = 0
        self.while_reading.clear()
        if self.reader and self.ok:
            yield from self.reader(self)

    def expect_rows(self) -> Table:
        """Add the finding for a table that has nothing under its header. Reads up to the first row."""
        if self.ok and next(self.rows(), None) is None:
            self.at_opening += self.while_reading or [finding("FILE-E014")]
        self.blank_rows = 0
        self.while_reading.clear()
        return self


def refused(columns: Columns, *findings: Finding, kind: Literal["csv", "xlsx"] | None = None) -> Table:
    """Make the table of a file that cannot be read."""
    return Table(kind, HeaderMatch(columns, {}, [], []), at_opening=list(findings))


class Header(NamedTuple):
    """A header that was found: in which row, with which cells, and how many of them are known columns."""

    row_no: int
    cells: list[str]
    known: int


def find_header(records: Sequence[tuple[int, list[str]]], columns: Columns) -> Header | None:
    """Find the first record that names the most columns; None if there is none that names any."""
    best: Header | None = None
    for row_no, cells in records:
        known = columns.known(cells)
        if known > (best.known if best else 0):
            best = Header(row_no, trimmed(cells), known)
    return best


def trimmed(cells: Sequence[str]) -> list[str]:
    """Take blanks off the cells of a header, and blank cells off its end."""
    cells = [cell.strip() for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def no_header(records: Sequence[tuple[int, list[str]]], columns: Columns) -> Finding:
    """Say that a table has no header. What stands there instead is shown without digits: it may be an SSN."""
    first = next((trimmed(cells) for _, cells in records if any(map(str.strip, cells))), [])
    found = re.sub(r"\d", "#", ", ".join(first))[:SHOWN]
    wanted = ", ".join(column.header for column in columns if column.required)
    return finding("COL-E001", found=found, columns=wanted or ", ".join(column.header for column in columns))


def matched(header: Header, columns: Columns, limits: Limits) -> HeaderMatch:
    """Match a header with the columns of the upload, unless it is too wide to be one."""
    if len(header.cells) <= limits.columns:
        return columns.match(header.cells)
    too_wide = finding("COL-E004", count=len(header.cells), limit=limits.columns)
    return HeaderMatch(columns, {}, [], [too_wide])


def above(header: Header) -> list[Finding]:
    """Say that there are lines above a header, if there are."""
    return [finding("FILE-I005", row_no=header.row_no)] if header.row_no > 1 else []


def fitted(row_no: int, cells: list[str], width: int) -> list[Finding]:
    """Bring a row to the width of its header; a finding if it has values beyond, which stay in the row."""
    given = len(cells)
    if given < width:
        cells.extend([""] * (width - given))
    elif given > width:
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) > width:
            return [finding("ROW-E002", row=row_no, count=len(cells), columns=width)]
    return []


def is_blank(cells: Sequence[str]) -> bool:
    """Whether a row has no value at all."""
    return not (cells and cells[0].strip()) and not "".join(cells).strip()
