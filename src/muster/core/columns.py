"""The columns of an upload type: recognizing a header, and cleaning the rows under it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from muster.core.findings import CATALOGUE, Finding, finding
from muster.core.values import (
    Cleaned,
    Cleaner,
    Problem,
    bare,
    clean_text,
    list_of,
    masked_ssn,
    one_of,
    plain,
    refused,
)

Value: TypeAlias = str | int | bool | list[str]
Mappings: TypeAlias = Mapping[str, Mapping[str, str]]
"""What a user had wrong values replaced by: {column key: {text in the file: replacement}}."""

OUR_COLUMNS = ("Row", "Outcome", "Reason")
"""What a results file adds to the columns of its user; left out when such a file comes back."""

SHOWN = 200  # characters of a wrong value that a finding keeps
CACHED = 10_000  # distinct texts of a column whose cleaning is remembered: flat memory, however long the file


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of an upload type.

    `clean` cleans the text of a cell, or of one item where the column takes `many`; without it, the `choices`
    (label by code) do, or else the text is only trimmed. A `sensitive` column's text is never shown in a
    finding. A `numeric` one takes numbers that may have nine digits; `note` and `width` (in characters) are
    for the template.
    """

    key: str
    header: str
    aliases: Sequence[str] = ()
    required: bool = False
    clean: Cleaner | None = None
    sensitive: bool = False
    numeric: bool = False
    note: str = ""
    choices: Mapping[str, str] | None = None
    many: bool = False
    width: int = 18

    @property
    def cleaner(self) -> Cleaner:
        """The cleaner of a whole cell."""
        clean = self.clean or (one_of(self.choices) if self.choices else clean_text)
        if not self.many or getattr(clean, "is_list", False):
            return clean
        return list_of(
            clean, commas=any("," in text for pair in (self.choices or {}).items() for text in pair)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which a header may call this column."""
        return (self.header, self.key, *self.aliases)


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """Which column stands where: `mapping` by index, the headers of no known column, and what is wrong.

    `unknown_at` are the indexes of columns that are neither known nor ours, also of those without a header.
    """

    columns: Columns
    mapping: dict[int, Column]
    unknown: list[str]
    findings: list[Finding]
    unknown_at: tuple[int, ...] = ()

    def row_cleaner(self, *, mappings: Mappings | None = None) -> RowCleaner:
        """Make the cleaner of the rows under this header: one a file, for it remembers what it cleaned."""
        return RowCleaner(self.mapping, mappings=mappings)


class Columns:
    """The columns of an upload type, in the order of its template."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self._columns = tuple(columns)
        self._by_key = {column.key: column for column in self._columns}
        self._by_name: dict[str, Column] = {}
        for column in self._columns:
            for name in column.names:
                if self._by_name.setdefault(fold_header(name), column) is not column:
                    raise ValueError(f"Two columns are called {name!r}.")

    def __iter__(self) -> Iterator[Column]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __getitem__(self, key: str) -> Column:
        return self._by_key[key]

    def known(self, header_cells: Iterable[str]) -> int:
        """Count the columns that a row would name, if it were the header."""
        found = {id(self._by_name.get(fold_header(cell))) for cell in header_cells}
        return len(found - {id(None)})

    def match(self, header_cells: Sequence[str]) -> HeaderMatch:
        """Find out which column stands where.

        Names match in any case, with any of blank, `_`, `-`; a mark of required columns (`NPN*`) may stay.
        A column given twice counts where it stands first. What our results files add is left out.
        """
        mapping: dict[int, Column] = {}
        headers: dict[str, list[str]] = {}
        unknown: list[str] = []
        ours = our_columns(header_cells)
        for index, cell in enumerate(header_cells):
            if index in ours or not cell.strip():
                continue
            column = self._by_name.get(fold_header(cell))
            if column is None:
                unknown.append(cell.strip())
            elif column.key in headers:
                headers[column.key].append(cell.strip())
            else:
                headers[column.key] = [cell.strip()]
                mapping[index] = column
        findings = [
            finding("COL-E002", field=self[key].header, count=len(names), headers=", ".join(names))
            for key, names in headers.items()
            if len(names) > 1
        ]
        findings += [
            finding("COL-E003", field=column.header)
            for column in self
            if column.required and column.key not in headers
        ]
        findings += [finding("COL-I001", field=name[:SHOWN]) for name in unknown]
        unknown_at = (index for index in range(len(header_cells)) if index not in ours)
        return HeaderMatch(
            self, mapping, unknown, findings, tuple(index for index in unknown_at if index not in mapping)
        )

    def clean_row(
        self,
        cells: Sequence[str] | Mapping[str, str],
        *,
        match: HeaderMatch | None = None,
        row: int | None = None,
        mappings: Mappings | None = None,
    ) -> tuple[dict[str, Value], list[Finding]]:
        """Clean one row: texts by column key, as a form gives them, or cells in the order of a header.

        Without a `match`, that is the order of the template. The rows of a file go through one
        `HeaderMatch.row_cleaner`, which is faster.
        """
        if isinstance(cells, Mapping):
            cells = [cells.get(column.key) or "" for column in self]
        mapping = match.mapping if match else dict(enumerate(self))
        return RowCleaner(mapping, mappings=mappings)(cells, row=row)


class RowCleaner:
    """Cleans the rows of one file, and remembers the texts that it met, for most of them come again."""

    def __init__(self, mapping: Mapping[int, Column], *, mappings: Mappings | None = None) -> None:
        mappings = mappings or {}
        self._cells = [
            (index, column.key, column.many, _CellCleaner(column, mappings.get(column.key) or {}))
            for index, column in mapping.items()
        ]
        self._required = [(column.key, column.header) for column in mapping.values() if column.required]
        self._names = [
            (index, {fold_header(name) for name in column.names}) for index, column in mapping.items()
        ]

    def __call__(
        self, cells: Sequence[str], *, row: int | None = None
    ) -> tuple[dict[str, Value], list[Finding]]:
        """Clean one row into `(data, findings)`; data is by column key, without the blank and the refused.

        Missing cells at the end are blank. Data can be written as JSON: dates are YYYY-MM-DD.
        """
        data: dict[str, Value] = {}
        findings: list[Finding] = []
        troubled: set[str] = set()
        given = len(cells)
        for index, key, many, cell_cleaner in self._cells:
            text = cells[index] if index < given else ""
            if not text:
                continue
            value, cell_findings = cell_cleaner.seen.get(text) or cell_cleaner(text)
            if value is not None:
                data[key] = list(value) if many else value  # type: ignore[arg-type]
            if cell_findings:
                troubled.add(key)
                findings += [
                    Finding(one.code, one.severity, row, one.field, one.value, one.params)
                    for one in cell_findings
                ]
        for key, header in self._required:
            if key not in data and key not in troubled:
                findings.append(finding("ROW-E001", row=row, field=header))
        if findings and self._is_header(cells):
            return {}, [finding("ROW-E007", row=row)]
        return data, findings

    def _is_header(self, cells: Sequence[str]) -> bool:
        return all(index < len(cells) and fold_header(cells[index]) in names for index, names in self._names)


_CleanCell: TypeAlias = tuple[Value | None, tuple[Finding, ...]]


class _CellCleaner:
    """Cleans the cells of one column: `seen` holds what is remembered, a call cleans what is not."""

    def __init__(self, column: Column, mapping: Mapping[str, str]) -> None:
        self.seen: dict[str, _CleanCell] = {}
        self._column = column
        self._clean = column.cleaner
        self._mapping = mapping

    def __call__(self, text: str) -> _CleanCell:
        cleaned = self._cleaned(text)
        # What is sensitive is not kept, and hardly ever comes again.
        if len(self.seen) < CACHED and not self._column.sensitive:
            self.seen[text] = cleaned
        return cleaned

    def _cleaned(self, text: str) -> _CleanCell:
        if self._mapping:
            text = self._mapped(bare(text))
        # Hardly a value begins with a sign, and every formula does.
        value, problems = self._clean(text) if text[:1].isalnum() else self._clean_peculiar(text)
        if self._mapping and not problems and isinstance(value, str) and value in self._mapping:
            # What was found wrong after cleaning, such as an agency not on file, is mapped as it was shown.
            value, problems = self._clean(self._mapping[value])
        if not problems:
            return _plain_value(value), ()
        findings = tuple(self._finding(problem, bare(text)) for problem in problems)
        return None if refused(problems) else _plain_value(value), findings

    def _clean_peculiar(self, text: str) -> Cleaned[Value]:
        seen, _ = plain(text)
        if seen.startswith("="):
            return None, (Problem("VAL-E004"),)
        if seen in FORMULA_ERRORS:
            return None, (Problem("VAL-E005"),)
        return self._clean(text)

    def _mapped(self, text: str) -> str:
        if text in self._mapping:
            return self._mapping[text]
        if not self._column.many or ";" not in text:
            return text
        return ";".join(self._mapping.get(item.strip(), item) for item in text.split(";"))

    def _finding(self, problem: Problem, text: str) -> Finding:
        numeric = self._column.numeric
        params = {
            name: without_ssns(param, numeric=numeric) if isinstance(param, str) else param
            for name, param in problem.params.items()
            if name != "item"
        }
        shown = str(problem.params.get("item", text))
        # An SSN that got into another column is not shown either.
        shown = masked(shown) if self._column.sensitive else without_ssns(shown, numeric=numeric)
        if len(shown) > SHOWN:
            shown = shown[: SHOWN - 1] + "…"
        return Finding(
            problem.code, CATALOGUE[problem.code].severity, None, self._column.header, shown, params
        )


FORMULA_ERRORS = frozenset(
    {"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA",
     "#BLOCKED!", "#BUSY!", "#CONNECT!", "#EXTERNAL!", "#FIELD!", "#PYTHON!", "#UNKNOWN!"}
)  # fmt: skip
"""What a spreadsheet shows where a formula failed."""


def _plain_value(value: object) -> Value | None:
    return value.isoformat() if type(value) is date else value  # type: ignore[return-value]


# What stands between digits: blanks of every width, dots, hyphens of every kind, marks that take no room.
_SIGN = r"[-.\s\u00ad\u200b-\u2015\u2060\u2212\ufeff]"
_WRITTEN_SSN = re.compile(rf"(?<!\d)(?:\d{{3}}{_SIGN}{{1,3}}\d{{2}}{_SIGN}{{1,3}}\d{{4}}|\d{{9}})(?!\d)")
_NINE_DIGITS = re.compile(rf"(?<!\d)\d(?:{_SIGN}{{0,3}}\d){{8}}(?!\d)")
_BARE_NINE = re.compile(r"\d{9}", re.ASCII)
_WHOLE_SSN = re.compile(r"(?:\d[-\s]*){9}|\*{3}-\*\*-\d{4}", re.ASCII)


def masked(text: str) -> str:
    """Hide all but the last four characters of a text; all of it if there are no more than four.

    A Social Security number, also one that is masked, gets the form that may be uploaded again.
    """
    if _WHOLE_SSN.fullmatch(text):
        return masked_ssn(text[-4:])
    shown = text[-4:] if len(text) > 4 else ""
    return "*" * (len(text) - len(shown)) + shown


def without_ssns(text: str, *, numeric: bool = False) -> str:
    """Hide what may be an SSN within a text of any column: nine digits, however they are parted.

    In a `numeric` column a text of nine digits and no more is a number, and only what is written as an SSN is
    hidden.
    """
    if numeric:
        return text if _BARE_NINE.fullmatch(text) else _WRITTEN_SSN.sub(_hidden, text)
    return _NINE_DIGITS.sub(_hidden, _WRITTEN_SSN.sub(_hidden, text))


def _hidden(ssn: re.Match[str]) -> str:
    return masked_ssn("".join(filter(str.isdigit, ssn[0]))[-4:])


def fold_header(text: str) -> str:
    """Reduce a header to its letters and digits in lower case."""
    return "".join(filter(str.isalnum, text)).casefold()


def our_columns(header_cells: Sequence[str]) -> range:
    """Where the columns that a results file adds stand in a header; an empty range if they do not."""
    size = len(OUR_COLUMNS)
    for start in range(len(header_cells) - size, -1, -1):
        if tuple(header_cells[start : start + size]) == OUR_COLUMNS:
            return range(start, start + size)
    return range(0)
