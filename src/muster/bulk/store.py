"""Writing judged rows: COPY for what is new, one UPDATE for what was judged again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from muster.bulk.kinds import Row
from muster.bulk.models import ItemState
from muster.core.findings import Finding, Severity
from muster.vault import seal, unseal

ITEM_COPY = "COPY bulk_item (operation_id, row_no, key, state, cells, data, result) FROM STDIN"
FINDING_COPY = "COPY bulk_finding (operation_id, row_no, code, severity, field, value, params) FROM STDIN"
DAMAGED = '{"damaged": true}'
# Made once: json.dumps with options makes an encoder a call.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
REJUDGE = """
UPDATE bulk_item AS item
SET key = again.key, state = again.state, data = again.data::jsonb, outcome = NULL, result = NULL
FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS again (row_no, key, state, data)
WHERE item.operation_id = %s AND item.row_no = again.row_no AND item.state = 'pending'
"""


def state_after_judging(row: Row) -> ItemState:
    """What the findings of a row make of it."""
    if not row.findings:
        return ItemState.OK
    severities = {found.severity for found in row.findings}
    if Severity.ERROR in severities:
        return ItemState.REJECTED
    return ItemState.WARNED if Severity.WARNING in severities else ItemState.OK


def seal_row(row: Row, sealed: dict[int, str]) -> None:
    """Seal what is sensitive in a row, the cell and its cleaned value; `sealed` is index -> key."""
    if row.is_damaged:
        # A quotation mark that was never closed puts an SSN into whatever cell it comes to.
        row.cells = [seal(cell) if cell else cell for cell in row.cells]
        row.data = {}
        row.key = None
        row.findings = [_without_value(found) for found in row.findings]
        return
    for index, key in sealed.items():
        if index < len(row.cells) and row.cells[index]:
            row.cells[index] = seal(row.cells[index])
        if value := row.data.get(key):
            row.data[key] = seal(value)


def _without_value(found: Finding) -> Finding:
    """What the reader found tells nothing of the cells; of what a column found, the code is left."""
    return Finding(found.code, found.severity, found.row, found.field) if found.field else found


def open_cells(cells: Sequence[str], sensitive: Iterable[int]) -> list[str]:
    """The cells as they stood in the file."""
    opened = list(cells)
    for index in sensitive:
        if index < len(opened) and opened[index]:
            opened[index] = unseal(opened[index])
    return opened


def add_rows(operation_id: UUID, rows: Sequence[Row]) -> None:
    """Write rows that were read and judged for the first time, and their findings."""
    with connection.cursor() as cursor, cursor.copy(ITEM_COPY) as copy:
        copy.set_types(["uuid", "int4", "text", "text", "text", "text", "text"])
        for row in rows:
            copy.write_row(
                (
                    operation_id,
                    row.row_no,
                    row.key,
                    state_after_judging(row).value,
                    as_json(row.cells),
                    as_json(row.data),
                    DAMAGED if row.is_damaged else None,
                )
            )
    add_findings(operation_id, (found for row in rows for found in row.findings))


def add_pending(operation_id: UUID, rows: Iterable[Sequence[str]], *, sealed: Collection[int]) -> None:
    """Write rows that are still to be judged, numbered from 1; the cells at `sealed` are sealed."""
    with connection.cursor() as cursor, cursor.copy(ITEM_COPY) as copy:
        copy.set_types(["uuid", "int4", "text", "text", "text", "text", "text"])
        for number, cells in enumerate(rows, 1):
            kept = [seal(cell) if cell and index in sealed else cell for index, cell in enumerate(cells)]
            copy.write_row((operation_id, number, None, ItemState.PENDING.value, as_json(kept), "{}", None))


def rejudge_rows(operation_id: UUID, rows: Sequence[Row]) -> None:
    """Write what judging pending rows again has found."""
    with connection.cursor() as cursor:
        cursor.execute(
            REJUDGE,
            [
                [row.row_no for row in rows],
                [row.key for row in rows],
                [state_after_judging(row).value for row in rows],
                [as_json(row.data) for row in rows],
                operation_id,
            ],
        )
    add_findings(operation_id, (found for row in rows for found in row.findings))


def add_findings(operation_id: UUID, findings: Iterable[Finding]) -> None:
    """Write findings."""
    with connection.cursor() as cursor, cursor.copy(FINDING_COPY) as copy:
        copy.set_types(["uuid", "int4", "text", "text", "text", "text", "text"])
        for found in findings:
            copy.write_row(
                (
                    operation_id,
                    found.row,
                    found.code,
                    found.severity.value,
                    storable(found.field),
                    storable(found.value),
                    as_json(dict(found.params)),
                )
            )


def as_json(value: Any) -> str:
    """JSON that PostgreSQL takes: it has no NUL and no half of a surrogate pair."""
    text = _encode(value)
    if "\\u0000" in text:
        text = _encode(_without_nul(value))
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def storable(text: str | None) -> str | None:
    """Text that PostgreSQL takes."""
    if text is None or (text.isascii() and "\x00" not in text):
        return text
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, list):
        return [_without_nul(part) for part in value]
    if isinstance(value, dict):
        return {name: _without_nul(part) for name, part in value.items()}
    return value
