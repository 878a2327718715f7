"""An uploaded file on its way to rows: sealed pieces in the database, which any worker anywhere can read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID

from django.db import connection

from muster.bulk.models import UploadPart
from muster.vault import seal_bytes, unseal_bytes

PART_BYTES = 1024 * 1024
ZIP_MARK = b"PK\x03\x04"


def store_parts(operation_id: UUID, content: Iterable[bytes]) -> int | None:
    """Seal and store the file in pieces, in the caller's transaction; return its number of line ends.

    The line ends only serve to tell how far the check has come; a workbook, which is a zip archive, has none.
    """
    lines: int | None = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY bulk_uploadpart (operation_id, number, sealed) FROM STDIN WITH (FORMAT BINARY)"
        ) as copy,
    ):
        copy.set_types(["uuid", "int4", "bytea"])
        for number, piece in enumerate(_pieces(content)):
            if number == 0 and piece.startswith(ZIP_MARK):
                lines = None
            if lines is not None:
                lines += piece.count(b"\n")
            copy.write_row((operation_id, number, seal_bytes(piece)))
    return lines


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for block in content:
        held += block
        while len(held) >= PART_BYTES:
            yield bytes(held[:PART_BYTES])
            del held[:PART_BYTES]
    # A file of nothing is one piece of nothing: it has to be read to be found empty.
    yield bytes(held)


def open_parts(operation_id: UUID) -> BinaryIO:
    """The file, put together again in an unnamed file on disk that is gone when it is closed."""
    whole = TemporaryFile()  # noqa: SIM115  closed by the caller
    numbers = (
        UploadPart.objects.filter(operation_id=operation_id)
        .order_by("number")
        .values_list("number", flat=True)
    )
    for number in list(numbers):
        sealed = UploadPart.objects.values_list("sealed", flat=True).get(
            operation_id=operation_id, number=number
        )
        whole.write(unseal_bytes(bytes(sealed)))
    whole.seek(0)
    return whole


def drop_parts(operation_id: UUID) -> None:
    """Forget the file; its rows stand in the item table."""
    UploadPart.objects.filter(operation_id=operation_id).delete()
