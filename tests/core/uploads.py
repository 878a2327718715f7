"""What the tests of the core share: an upload type, files of every kind, and a reader of them."""

from __future__ import annotations

import io
import string
import zipfile
from collections.abc import Sequence
from typing import Any, NamedTuple

from xlsxwriter import Workbook

from muster.core import words
from muster.core.columns import Column, Columns
from muster.core.findings import CATALOGUE, Finding, fix, sentence
from muster.core.sheets import Limits, Row, Table, open_table
from muster.core.values import (
    clean_cocode,
    clean_date,
    clean_email,
    clean_name,
    clean_npn,
    clean_ssn,
    clean_state,
)

COLUMNS = Columns(
    [
        Column(
            "npn",
            "Agent NPN",
            aliases=("NPN", "National Producer Number"),
            required=True,
            clean=clean_npn,
            numeric=True,
        ),
        Column("last_name", "Last Name", aliases=("Surname",), required=True, clean=clean_name),
        Column("email", "Agent Email", aliases=("Email",), clean=clean_email),
        Column("ssn", "Agent SSN", aliases=("SSN",), clean=clean_ssn, sensitive=True),
        Column("categories", "LOA Category", choices=words.LOA_CATEGORIES, many=True),
        Column("states", "States", aliases=("State(s)",), clean=clean_state, many=True),
        Column("scorecard_type", "Scorecard Type", choices=words.SCORECARD_TYPES),
        Column("cocodes", "CoCode", clean=clean_cocode, many=True, numeric=True),
        Column("effective_on", "Effective Date", clean=clean_date),
    ]
)
HEADER = [column.header for column in COLUMNS]
GOOD = [
    "1234567",
    "Field",
    "robin@harbor.example",
    "123-45-6789",
    "life;health",
    "TX;CA",
    "license",
    "12345",
    "2026-01-05",
]


parse = string.Formatter().parse


class Read(NamedTuple):
    """A file that was read to its end."""

    table: Table
    rows: list[Row]

    @property
    def codes(self) -> list[str]:
        """The codes about the file and its columns."""
        return [one.code for one in self.table.findings]

    @property
    def row_codes(self) -> dict[int, list[str]]:
        """The codes about rows as rows, by row number."""
        return {row.row_no: [one.code for one in row.problems] for row in self.rows if row.problems}

    @property
    def row_numbers(self) -> list[int]:
        return [row.row_no for row in self.rows]


def read(content: bytes, columns: Columns = COLUMNS, **limits: int) -> Read:
    """Open a file and read all of its rows; every finding must be tellable."""
    table = open_table(io.BytesIO(content), name="agents", columns=columns, limits=Limits(**limits))
    rows = list(table.rows())
    for one in [*table.findings, *(problem for row in rows for problem in row.problems)]:
        tell(one)
    return Read(table, rows)


def tell(one: Finding) -> str:
    """The sentence of a finding, which must have been given every word that it and its fix name."""
    given = {"field": one.field, "value": one.value, **one.params}
    words = {
        name for text in (CATALOGUE[one.code].text, CATALOGUE[one.code].fix) for _, name, _, _ in parse(text)
    }
    assert not {name for name in words - {None} if given.get(str(name)) is None}, f"{one} lacks a word"
    assert fix(one.code, field=one.field, value=one.value, params=one.params)
    return sentence(one.code, field=one.field, value=one.value, params=one.params)


def csv_text(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    """Rows as plain CSV text, without any quotation."""
    return "".join(delimiter.join(row) + end for row in rows)


def csv_bytes(*rows: Sequence[str], encoding: str = "utf-8") -> bytes:
    """A CSV file: the header, then the rows."""
    return csv_text([HEADER, *rows]).encode(encoding)


class Sheet(NamedTuple):
    name: str
    rows: Sequence[Sequence[Any]]
    hidden: bool = False


def workbook(*sheets: Sheet, **of_first: Any) -> bytes:
    """A workbook; `of_first` merges ranges of its first sheet or hides rows of it."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "default_date_format": "mm/dd/yyyy"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        for row_index, row in enumerate(sheet.rows):
            page.write_row(row_index, 0, row)
        if sheet.hidden:
            page.hide()
    first = book.worksheets()[0]
    for cells in of_first.get("merged", ()):
        first.merge_range(cells, "merged")
    for row_index in of_first.get("hidden_rows", ()):
        first.set_row(row_index, None, None, {"hidden": True})
    for cell, formula, value in of_first.get("formulas", ()):
        first.write_formula(cell, formula, None, value)
    book.close()
    return file.getvalue()


def agents(*rows: Sequence[Any], **of_first: Any) -> bytes:
    """A workbook with one sheet: the header, then the rows."""
    return workbook(Sheet("agents", [HEADER, *rows]), **of_first)


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return file.getvalue()


def repacked(content: bytes, change: dict[str, Any]) -> bytes:
    """A workbook with members added, replaced by bytes, or changed by a function of their bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    for name, new in change.items():
        members[name] = new(members[name]) if callable(new) else new
    return archive(members)
