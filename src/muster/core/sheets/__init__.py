"""Reading uploads: CSV and XLSX become rows of text, numbered as Excel does. Nothing in a file raises."""

from __future__ import annotations

from typing import BinaryIO, cast

from muster.core.columns import Columns
from muster.core.sheets.csv_table import open_csv
from muster.core.sheets.detect import detect
from muster.core.sheets.limits import Limits
from muster.core.sheets.table import Row, Table, refused
from muster.core.sheets.watched import Watched
from muster.core.sheets.xlsx_table import open_xlsx

__all__ = ["Limits", "Row", "Table", "open_table"]


def open_table(file: BinaryIO, *, name: str, columns: Columns, limits: Limits | None = None) -> Table:
    """Find the table in an upload. What is wrong comes as findings of the table, never as an exception.

    `file` can be read and seeked; it stays the caller's, who keeps it open for as long as rows are read.
    `name` is what the user called it, and tells nothing: the kind of a file is told from its content.
    Raises OSError where the file itself cannot be read, which says nothing about what is in it.
    """
    watched = Watched(file)
    table = _open(cast(BinaryIO, watched), columns, limits or Limits())
    if watched.error:
        raise watched.error
    return table


def _open(file: BinaryIO, columns: Columns, limits: Limits) -> Table:
    detected = detect(file, limits)
    if detected.refusal or detected.kind is None:
        findings = [detected.refusal] if detected.refusal else []
        return refused(columns, *findings, kind=detected.kind)
    opened = open_csv if detected.kind == "csv" else open_xlsx
    return opened(file, columns=columns, limits=limits)
