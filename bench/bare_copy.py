"""The yardstick `copy`: bare COPY of rows that were prepared beforehand, nothing read, judged or told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from bench.turn import Clock

BLOCK_BYTES = 256 * 1024


def columns(table: str) -> list[str]:
    """The columns of a table that are not made by the database itself."""
    (model,) = (model for model in apps.get_models() if model._meta.db_table == table)
    return [str(field.column) for field in model._meta.concrete_fields if not field.generated]


def copy_rows(clock: Clock, *, files: dict[str, str]) -> None:
    """COPY each table's file, which is in memory already, in one transaction."""
    contents = {table: Path(file).read_bytes() for table, file in files.items()}
    with clock.step("copy"), transaction.atomic(), connection.cursor() as cursor:
        for table, content in contents.items():
            _copy(cursor, table, content)


def _copy(cursor: Any, table: str, content: bytes) -> None:
    names = ", ".join(f'"{name}"' for name in columns(table))
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for start in range(0, len(content), BLOCK_BYTES):
            copy.write(content[start : start + BLOCK_BYTES])
