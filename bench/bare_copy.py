"""The yardstick `copy`: bare COPY of rows that were prepared beforehand, nothing read, judged or told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from bench.turn import Clock
from muster.assignments.models import Assignment
from muster.producers.models import Producer

BLOCK_BYTES = 256 * 1024
TABLES: tuple[type[models.Model], ...] = (Producer, Assignment)


def columns(model: type[models.Model]) -> list[str]:
    """The columns of a table that are not made by the database itself."""
    return [str(field.column) for field in model._meta.concrete_fields if not field.generated]


def copy_rows(clock: Clock, *, files: dict[str, str]) -> None:
    """COPY each table's file, which is in memory already, in one transaction."""
    contents = {table: Path(file).read_bytes() for table, file in files.items()}
    with clock.step("copy"), transaction.atomic(), connection.cursor() as cursor:
        for model in TABLES:
            _copy(cursor, model, contents[model._meta.db_table])


def _copy(cursor: Any, model: type[models.Model], content: bytes) -> None:
    names = ", ".join(f'"{name}"' for name in columns(model))
    with cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy:
        for start in range(0, len(content), BLOCK_BYTES):
            copy.write(content[start : start + BLOCK_BYTES])
