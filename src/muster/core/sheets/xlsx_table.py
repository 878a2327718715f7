"""Reading XLSX: the first visible sheet with a known header, as texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, TypeVar

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from muster.core.columns import Columns
from muster.core.findings import Finding, finding
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
    refused,
)
from muster.core.sheets.xlsx_scan import DAMAGED, UNCOMPUTED, SheetFacts, Workbook, column_letters, failure

TEMPLATE_TABS = ("accepted_values", "how_to", "termination_reason_key")
"""Tabs that our templates bring beside the one to fill in; nobody has to delete them."""

T = TypeVar("T")


def open_xlsx(file: BinaryIO, *, columns: Columns, limits: Limits) -> Table:
    """Find the table in a workbook whose archive was judged to be harmless."""
    try:
        workbook = Workbook(file)
        texts = workbook.check()
        parts = workbook.sheet_parts()
        if texts > limits.xlsx_cells:
            return refused(columns, _too_many_texts(texts, workbook, parts, limits), kind="xlsx")
        file.seek(0)
        book = _unpanicked(partial(CalamineWorkbook.from_filelike, file))
        return _find_table(book, workbook, parts, columns, limits)
    except (*DAMAGED, CalamineError):
        return refused(columns, finding("FILE-E010"), kind="xlsx")


def _find_table(
    book: CalamineWorkbook, workbook: Workbook, parts: dict[str, str], columns: Columns, limits: Limits
) -> Table:
    sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    visible = [
        one.name for one in sheets if one.visible == SheetVisibleEnum.Visible and not _is_ours(one.name)
    ]
    hidden = [one.name for one in sheets if one.visible != SheetVisibleEnum.Visible]
    for name in visible:
        facts = workbook.scan(parts[name], limits)
        too_large = _too_large(name, facts, workbook, parts[name], limits)
        if too_large:
            return refused(columns, too_large, kind="xlsx")
        source = book
        if facts.misread:
            source = _unpanicked(partial(CalamineWorkbook.from_filelike, workbook.restated(parts[name])))
        sheet = _unpanicked(partial(source.get_sheet_by_name, name))
        start = list(islice(_records(sheet), HEADER_SEARCHED))
        header = find_header(start, columns)
        if header:
            others = [one for one in visible if one != name]
            return _table(sheet, facts, header, columns, limits, hidden, others)
    looked_at = ", ".join(visible) or "none, for all are hidden"
    return refused(columns, finding("FILE-E017", sheets=looked_at), kind="xlsx")


def _is_ours(name: str) -> bool:
    return name.strip().casefold() in TEMPLATE_TABS


def _too_large(name: str, facts: SheetFacts, workbook: Workbook, part: str, limits: Limits) -> Finding | None:
    too_many = finding("FILE-E003", limit=number(limits.xlsx_rows), kind="XLSX")
    if len(facts.peculiar) > limits.xlsx_rows + HEADER_SEARCHED:
        return too_many
    if _fits(facts, limits):
        return None
    facts = workbook.reach(part, facts)
    if _fits(facts, limits):
        return None
    if facts.rows > limits.xlsx_rows + HEADER_SEARCHED:
        return too_many
    return finding(
        "FILE-E018",
        sheet=name,
        rows=number(facts.rows),
        columns=number(facts.columns),
        limit=number(limits.xlsx_cells),
    )


def _too_many_texts(texts: int, workbook: Workbook, parts: dict[str, str], limits: Limits) -> Finding:
    """Tell the sheet that is too large, which is easier to understand, if there is one."""
    for name, part in parts.items():
        too_large = _too_large(name, workbook.scan(part, limits), workbook, part, limits)
        if too_large:
            return too_large
    return finding("FILE-E020", count=number(texts), limit=number(limits.xlsx_cells))


def _fits(facts: SheetFacts, limits: Limits) -> bool:
    """A blank cell between others takes about a quarter of the memory of one with a value."""
    if facts.too_peculiar(limits):
        return False
    return facts.cells <= limits.xlsx_cells and facts.rows * facts.columns <= 4 * limits.xlsx_cells


def _table(
    sheet: CalamineSheet,
    facts: SheetFacts,
    header: Header,
    columns: Columns,
    limits: Limits,
    hidden: list[str],
    others: list[str],
) -> Table:
    said = []
    if others:
        said.append(finding("FILE-I003", sheet=sheet.name, sheets=", ".join(others)))
    if hidden:
        said.append(finding("FILE-I002", sheets=", ".join(hidden)))
    if facts.hidden_rows:
        said.append(finding("FILE-I004", sheet=sheet.name, count=facts.hidden_rows))
    merged = [start for start, end in sheet.merged_cell_ranges or [] if end[0] >= header.row_no]
    if merged:
        first = min(merged)
        place = f"{column_letters(first[1])}{first[0] + 1}"  # the reader counts from 0 here
        said.append(finding("FILE-W001", sheet=sheet.name, count=len(merged), first=place))
    return Table(
        kind="xlsx",
        sheet_name=sheet.name,
        header_row=header.row_no,
        header=header.cells,
        match=matched(header, columns, limits),
        at_opening=said + above(header),
        reader=_Reader(sheet, facts, header, limits).rows,
    ).expect_rows()


class _Reader:
    """Reads the rows under the header of one sheet."""

    def __init__(self, sheet: CalamineSheet, facts: SheetFacts, header: Header, limits: Limits) -> None:
        self._sheet = sheet
        self._facts = facts
        self._header = header
        self._limit = limits.xlsx_rows

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows that are not blank; count the blank ones and add what goes wrong to the table."""
        width, header_row, count = len(self._header.cells), self._header.row_no, 0
        known = table.match.mapping
        all_peculiar = self._facts.peculiar
        for row_no, cells in _records(self._sheet, last=max(all_peculiar, default=0)):
            if row_no <= header_row:
                continue
            peculiar = all_peculiar.get(row_no, b"")
            for column, what in enumerate(peculiar):
                if error := failure(what):
                    # The reader gives nothing for it, and nothing would read as a blank cell.
                    cells.extend([""] * (column + 1 - len(cells)))
                    cells[column] = error
            if is_blank(cells) and not peculiar:
                table.blank_rows += 1
                continue
            count += 1
            if count > self._limit:
                table.while_reading.append(finding("FILE-E003", limit=number(self._limit), kind="XLSX"))
                return
            if len(cells) == width and not peculiar:
                yield Row(row_no, cells)
                continue
            problems = fitted(row_no, cells, width)
            if any(what == UNCOMPUTED and column in known for column, what in enumerate(peculiar)):
                problems.append(finding("ROW-E006", row=row_no))
            yield Row(row_no, cells, tuple(problems))


def _records(sheet: CalamineSheet, *, last: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Every row of a sheet as texts, numbered as Excel does; cells begin with column A.

    A reader ends with the last value; up to the row `last`, blank rows follow.
    """
    row_no = 0
    if sheet.start is not None:
        before = [""] * sheet.start[1]
        for row_no, values in enumerate(sheet.iter_rows(), start=1):
            yield row_no, before + [one if type(one) is str else _text(one) for one in values]
    while row_no < last:
        row_no += 1
        yield row_no, []


def _text(value: Any) -> str:
    """Write a cell as a person would type it: all digits of a number, a date as YYYY-MM-DD."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value.total_seconds() if isinstance(value, timedelta) else value)


def _unpanicked(read: Callable[[], T]) -> T:
    """Call the reader; where it panics, raise what can be caught by name."""
    try:
        return read()
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise CalamineError(str(error)) from None
        raise
