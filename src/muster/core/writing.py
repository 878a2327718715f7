"""Writing what users take away: templates, results files, and every other CSV."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any, BinaryIO, NamedTuple, TypeAlias

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from muster.core.columns import OUR_COLUMNS, Column, Columns, masked, our_columns
from muster.core.sheets.limits import Limits
from muster.core.sheets.xlsx_scan import column_letters

AcceptedValues: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]
"""Codes with their labels, by the header of the column that takes them."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
LAST_ROW = 1_048_576  # of every sheet, however many rows are allowed
LONGEST_CELL = 32_767  # letters
REPORT_WIDTH = 22
TEXT = 49  # the number format Text of every spreadsheet
_BOM = "\ufeff"  # tells Excel that a CSV file is UTF-8


def neutral(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run; our cleaners take it off again."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


# CSV ------------------------------------------------------------------------------------------------


class _Echo:
    """A file for csv.writer that hands back each line."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write rows as the lines of a CSV file that Excel opens rightly; None is blank, texts are neutral."""
    writer = csv.writer(_Echo())
    start = _BOM
    for row in rows:
        cells = ["" if cell is None else neutral(cell) if isinstance(cell, str) else cell for cell in row]
        yield start + writer.writerow(cells)
        start = ""


def write_csv(rows: Iterable[Sequence[object]], file: BinaryIO) -> None:
    """Write rows as a CSV file; see `csv_lines`."""
    for line in csv_lines(rows):
        file.write(line.encode())


def write_template_csv(columns: Columns, file: BinaryIO) -> None:
    """Write the header of an upload type, for rows to be filled in under it."""
    write_csv([[column.header for column in columns]], file)


class Result(NamedTuple):
    """What became of one row of an upload: its number in Excel, its cells as they came, and the outcome."""

    row_no: int
    cells: Sequence[str]
    outcome: str
    reason: str


def results_rows(
    header: Sequence[str], results: Iterable[Result], *, mask: Collection[int] = ()
) -> Iterator[list[object]]:
    """Give the rows of a results file, header first: the user's own columns in their order, then ours.

    Columns that an earlier results file added are left out. `mask` are the indexes of columns whose texts may
    not be shown to the reader. Cells beyond the header come after our columns, so that nothing is lost.
    """
    ours = our_columns(header)
    width = len(header)
    own = [index for index in range(width) if index not in ours]
    yield [*(header[index] for index in own), *OUR_COLUMNS]
    for row_no, cells, outcome, reason in results:
        given = [masked(cell) if index in mask else cell for index, cell in enumerate(cells)]
        given += [""] * (width - len(given))
        yield [*(given[index] for index in own), row_no, outcome, reason, *given[width:]]


# XLSX -----------------------------------------------------------------------------------------------


class Tab(NamedTuple):
    """A further tab of a template, its header first."""

    name: str
    rows: Sequence[Sequence[str]]


def write_template_xlsx(
    columns: Columns,
    file: BinaryIO,
    *,
    examples: Sequence[Mapping[str, str]] = (),
    accepted_values: AcceptedValues | None = None,
    extra_tabs: Sequence[Tab] = (),
    limits: Limits | None = None,
) -> None:
    """Write an upload type as a workbook to fill in, with drop-downs, accepted values and instructions.

    `examples` are rows by column key, shown among the instructions only. `accepted_values` are by header;
    without them, the choices of the columns are taken.
    """
    limits = limits or Limits()
    accepted = accepted_values if accepted_values is not None else choices_of(columns)
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    # A fixed time, so that the same columns always give the same file.
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
    formats = _Formats(book)
    _write_upload_tab(book.add_worksheet("upload"), columns, accepted, limits, formats)
    _write_tab(book.add_worksheet("accepted_values"), _accepted_rows(accepted), formats)
    _write_tab(book.add_worksheet("how_to"), _how_to_rows(columns, examples, limits), formats, wide=2)
    for tab in extra_tabs:
        _write_tab(book.add_worksheet(tab.name), tab.rows, formats)
    book.close()


def choices_of(columns: Columns) -> AcceptedValues:
    """The accepted values of the columns that have choices, by header."""
    return {column.header: list(column.choices.items()) for column in columns if column.choices}


class _Formats:
    def __init__(self, book: Workbook) -> None:
        look = {"bold": True, "bottom": 1, "valign": "vcenter", "text_wrap": True, "num_format": TEXT}
        self.required: Format = book.add_format({**look, "bg_color": "#1F4E79", "font_color": "#FFFFFF"})
        self.optional: Format = book.add_format({**look, "bg_color": "#DDEBF7"})
        self.text: Format = book.add_format({"num_format": TEXT})
        self.wrapped: Format = book.add_format({"num_format": TEXT, "text_wrap": True, "valign": "top"})


def write_table_xlsx(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    file: IO[bytes],
    *,
    numbers: Collection[int] = (),
    last_row: int = LAST_ROW,
) -> int:
    """Write rows of texts as a workbook, a row at a time, and return how many there were.

    `numbers` are the indexes of columns whose texts are numbers, to be reckoned with, or a word where none is
    known; all else stays text, leading zeros too. What does not fit on a sheet goes on on the next, under the
    same header.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(file, options)
    formats = _Formats(book)
    place, written, sheet = last_row, 0, None
    for row in rows:
        if place >= last_row or sheet is None:
            sheet, place = _begin_sheet(book, header, formats), 1
        for index, text in enumerate(row):
            if index in numbers and text and not text.isalpha():
                sheet.write_number(place, index, float(text))
            elif text:
                sheet.write_string(place, index, text[:LONGEST_CELL], formats.text)
        place, written = place + 1, written + 1
    if sheet is None:
        _begin_sheet(book, header, formats)
    book.close()
    return written


def _begin_sheet(book: Workbook, header: Sequence[str], formats: _Formats) -> Worksheet:
    number = len(book.worksheets()) + 1
    sheet = book.add_worksheet("report" if number == 1 else f"report {number}")
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{LAST_ROW}"})
    sheet.set_column(0, max(0, len(header) - 1), REPORT_WIDTH)
    for index, label in enumerate(header):
        sheet.write_string(0, index, label, formats.optional)
    return sheet


def _write_upload_tab(
    sheet: Worksheet, columns: Columns, accepted: AcceptedValues, limits: Limits, formats: _Formats
) -> None:
    last = min(limits.xlsx_rows, LAST_ROW - 1)
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 30)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last}"})
    places = {header: index for index, header in enumerate(accepted)}
    for index, column in enumerate(columns):
        # Text throughout: leading zeros survive, and nothing becomes a number or a date of its own accord.
        sheet.set_column(index, index, column.width, formats.text)
        sheet.write_string(0, index, column.header, formats.required if column.required else formats.optional)
        sheet.write_comment(0, index, _note(column), {"author": "", "x_scale": 2})
        if column.header in places and accepted[column.header]:
            rule = _validation(column, places[column.header], len(accepted[column.header]))
            sheet.data_validation(1, index, last, index, rule)


def _validation(column: Column, place: int, count: int) -> dict[str, Any]:
    title = column.header[:32]
    if column.many:
        # A drop-down takes one value only; a hint lets a list be typed.
        hint = "One or more values, separated by semicolons. They are listed on the tab accepted_values."
        return {"validate": "any", "input_title": title, "input_message": hint}
    letter = column_letters(2 * place)
    return {
        "validate": "list",
        "source": f"=accepted_values!${letter}$2:${letter}${count + 1}",
        "input_title": title,
        "input_message": "Choose a value from the list.",
        "error_type": "warning",
        "error_title": title,
        "error_message": "This is not one of the values on the tab accepted_values.",
    }


def _note(column: Column) -> str:
    parts = ["Required." if column.required else "Optional.", column.note]
    if column.many:
        parts.append("Separate several values by semicolons.")
    return " ".join(filter(None, parts))


def _accepted_rows(accepted: AcceptedValues) -> list[list[str]]:
    """A pair of columns an accepted list: the code to fill in, and what it means."""
    rows = [[text for header in accepted for text in (header, "Meaning")]]
    for number in range(max((len(pairs) for pairs in accepted.values()), default=0)):
        row: list[str] = []
        for pairs in accepted.values():
            row += pairs[number] if number < len(pairs) else ("", "")
        rows.append(row)
    return rows


def _how_to_rows(columns: Columns, examples: Sequence[Mapping[str, str]], limits: Limits) -> list[list[str]]:
    numbered = [f"Example {number}" for number, _ in enumerate(examples, start=1)]
    rows = [["Column", "Required", "What to fill in", *numbered]]
    rows += [
        [
            column.header,
            "yes" if column.required else "no",
            _note(column).partition(" ")[2],
            *(example.get(column.key, "") for example in examples),
        ]
        for column in columns
    ]
    advice = [
        "Fill in the tab upload, one row each. Blank rows are skipped. The other tabs may stay.",
        "Columns may stand in any order; columns that are not listed here are ignored.",
        *limits.sentences(),
    ]
    return [*rows, [], *([line] for line in advice)]


def _write_tab(
    sheet: Worksheet, rows: Sequence[Sequence[str]], formats: _Formats, *, wide: int | None = None
) -> None:
    sheet.freeze_panes(1, 0)
    for row_index, row in enumerate(rows):
        for index, text in enumerate(row):
            wrapped = formats.wrapped if len(row) > 1 else formats.text
            sheet.write_string(row_index, index, text, wrapped if row_index else formats.optional)
    for index in range(len(rows[0]) if rows else 0):
        sheet.set_column(index, index, 60 if index == wide else 24)
