"""Taking a report along: its rows alone, as CSV or as a workbook, all of them at constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from muster.access.models import Membership
from muster.audit.operations import EventKind, record
from muster.bulk.check import chunks
from muster.core.table import FieldKind, Question
from muster.core.writing import DANGEROUS, csv_lines, write_table_xlsx
from muster.reports.fields import Field
from muster.reports.running import iterate, rows_of, texts_of
from muster.reports.subject import Subject

CSV, XLSX = "csv", "xlsx"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

BLOCK_BYTES = 128 * 1024
"""What is handed over at a time: single rows would spend their time on the way."""

OURS = frozenset({FieldKind.DATE, FieldKind.NUMBER, FieldKind.MONEY, FieldKind.FLAG})
"""Kinds of fields whose texts are made here, and hold nothing that a spreadsheet would run."""

NUMBERS = frozenset({FieldKind.NUMBER, FieldKind.MONEY})


AT_A_TIME = 2_000
"""Rows of which what stands beside the fields is told at once."""


class Beside(NamedTuple):
    """Columns that no field of the subject has: their labels, and their texts by the key of a row.

    What a row lacks is blank. It is asked for a slice of rows at a time.
    """

    labels: tuple[str, ...]
    texts: Callable[[Membership, Sequence[int]], Mapping[int, Sequence[str]]]


@dataclass
class Export:
    """The rows that a question asks for, on their way to a person.

    `name` is what the report is called, `written` how many rows were handed over so far. With
    `rows`, those that were selected elsewhere are handed over, in their order. What stands `beside` the
    fields comes behind them.
    """

    by: Membership
    subject: Subject
    question: Question
    name: str
    written: int = 0
    rows: QuerySet[Any] | None = None
    beside: Sequence[Beside] = ()

    @property
    def fields(self) -> list[Field]:
        """The columns, in the order that was chosen."""
        return [self.subject.by_name[name] for name in self.question.columns or self.subject.columns]

    @property
    def header(self) -> list[str]:
        """What the columns are called."""
        return [*(of.label for of in self.fields), *(one for of in self.beside for one in of.labels)]

    def csv(self) -> Iterator[bytes]:
        """The file, block by block, straight from the database.

        On record when the reader is through or goes away, with how many rows were handed over.
        """
        try:
            block = [next(csv_lines([self.header])).replace("\r\n", "\n").encode()]
            size = 0
            for line in self._lines():
                self.written += 1
                size += len(line)
                block.append(line)
                if size >= BLOCK_BYTES:
                    yield b"".join(block)
                    block, size = [], 0
            yield b"".join(block)
        finally:
            self._on_record(CSV)

    def _lines(self) -> Iterator[bytes]:
        if self.beside:
            # The first line tells Excel the encoding; the header has done so.
            for line in islice(csv_lines(chain([()], self._with_beside())), 1, None):
                yield line.replace("\r\n", "\n").encode()
            return
        try:
            statement = self._copy()
        except EmptyResultSet:
            return
        with connection.cursor() as cursor, cursor.copy(statement) as lines:
            for line in lines:
                yield bytes(line)

    def _with_beside(self) -> Iterator[list[str]]:
        for some in chunks(iterate(self._asked(), self.fields, "pk", at_a_time=AT_A_TIME), AT_A_TIME):
            keys = [key for *_, key in some]
            told = [(of, of.texts(self.by, keys)) for of in self.beside]
            for *texts, key in some:
                yield [
                    *texts,
                    *(text for of, found in told for text in found.get(key, ("",) * len(of.labels))),
                ]

    def _asked(self) -> QuerySet[Any]:
        return rows_of(self.subject, self.question, self.by) if self.rows is None else self.rows

    def _copy(self) -> str:
        told = texts_of(self._asked(), self.fields)
        statement, params = told.query.sql_with_params()
        # COPY takes no parameters: the database's client writes them into the statement.
        asked = connection.ops.compose_sql(statement, params)  # type: ignore[attr-defined]
        cells = ", ".join(
            _cell(f'"text_{place}"', of, alone=len(self.fields) == 1) for place, of in enumerate(self.fields)
        )
        return f"COPY (SELECT {cells} FROM ({asked}) AS asked) TO STDOUT (FORMAT csv)"  # noqa: S608  all of it is ours

    def xlsx(self) -> Iterator[bytes]:
        """The workbook, block by block, once it was written to a temporary file; on record."""
        with TemporaryFile() as file:
            self.write_xlsx(file)
            file.seek(0)
            while block := file.read(BLOCK_BYTES):
                yield block

    def write_xlsx(self, file: IO[bytes]) -> None:
        """Write the workbook; on record."""
        rows = self._asked()
        numbers = [place for place, of in enumerate(self.fields) if of.kind in NUMBERS]
        told = self._with_beside() if self.beside else iterate(rows, self.fields)
        self.written = write_table_xlsx(self.header, told, file, numbers=numbers)
        self._on_record(XLSX)

    def blocks(self, file_format: str) -> Iterator[bytes]:
        """The file in one of the formats, block by block."""
        return self.csv() if file_format == CSV else self.xlsx()

    def _on_record(self, file_format: str) -> None:
        record(
            EventKind.REPORT_EXPORTED,
            organization_id=self.by.organization_id,
            by_id=self.by.user_id,
            subject=f"report:{self.subject.name}",
            data={
                "name": self.name,
                "of": self.subject.label,
                "format": file_format,
                "rows": self.written,
                "columns": list(self.header),
            },
        )


def _cell(text: str, of: Field, *, alone: bool) -> str:
    """A text as it stands in the file: what a spreadsheet would run is made neutral, a blank is nothing."""
    # A line with nothing at all in it would be no row.
    kept = text if alone else f"nullif({text}, '')"
    if of.kind in OURS:
        return kept
    first = ", ".join(str(ord(letter)) for letter in DANGEROUS)
    return f"CASE WHEN ascii({text}) IN ({first}) THEN '''' || {text} ELSE {kept} END"
