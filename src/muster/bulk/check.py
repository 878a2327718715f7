"""Checking: files and selections become judged items, a chunk a transaction, as often as it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from muster.bulk.collection import without_collection
from muster.bulk.kinds import Judge, Kind, Row, UploadKind
from muster.bulk.models import Finding, Item, ItemState, Operation
from muster.bulk.operations import ANEW
from muster.bulk.parts import drop_parts, open_parts
from muster.bulk.states import GOOD, NOT_DONE
from muster.bulk.store import add_findings, add_rows, open_cells, rejudge_rows, seal_row
from muster.core.columns import HeaderMatch, RowCleaner
from muster.core.findings import Severity
from muster.core.sheets import Limits, Table, open_table

CHUNK = 5_000

T = TypeVar("T")


class Canceled(Exception):
    """A person asked for an end; the chunks that are written stay."""


def check(operation: Operation, kind: Kind) -> bool:
    """Read the file if there is one to read, judge all pending items; say whether it was readable."""
    if isinstance(kind, UploadKind) and operation.parts.exists() and not _read(operation, kind):
        return False
    _judge_pending(operation, kind)
    # Without fresh figures the planner takes a new operation for a handful of rows.
    with connection.cursor() as cursor:
        cursor.execute("SELECT bulk_item_analyze()")
    with transaction.atomic():
        kind.judge_together(operation)
    return True


def set_back(operation: Operation) -> None:
    """Let every item be judged again that was rejected, skipped or failed; what is written stays.

    Where the terms have changed, good ones are judged again too.
    """
    with transaction.atomic():
        states = [*NOT_DONE, ItemState.SKIPPED]
        changes: dict[str, Any] = {}
        if operation.params.pop(ANEW, False):
            states += GOOD
            changes = {"params": operation.params}
        again = Item.objects.filter(operation=operation, state__in=states)
        # What could not be read is not in the cells; judged again without it, the row would look good.
        again = again.exclude(result__has_key="damaged")
        Finding.objects.filter(operation=operation, row_no__in=again.values("row_no")).delete()
        total = again.update(state=ItemState.PENDING, outcome=None, result=None)
        Operation.objects.filter(pk=operation.pk).update(
            check_once_more=False, total=total, done=0, **changes
        )


def sensitive_columns(match: HeaderMatch) -> dict[int, str]:
    """Index -> key of the columns whose cells and values are sealed."""
    return {index: column.key for index, column in match.mapping.items() if column.sensitive}


def sealed_columns(match: HeaderMatch) -> dict[int, str]:
    """Like `sensitive_columns`, and those that nobody knows: an SSN may stand under any name."""
    return sensitive_columns(match) | dict.fromkeys(match.unknown_at, "")


def _read(operation: Operation, kind: UploadKind) -> bool:
    columns = kind.columns(operation.organization_id)
    with open_parts(operation.pk) as content:
        table = open_table(
            content,
            name=operation.source_name,
            columns=columns,
            limits=Limits(**settings.MUSTER_UPLOAD_LIMITS),
        )
        if table.ok:
            _note_table(operation, table)
            with without_collection():
                _read_rows(operation, kind, table)
    with transaction.atomic():
        add_findings(operation.pk, table.findings)
        drop_parts(operation.pk)
        if not table.ok:
            Item.objects.filter(operation=operation).delete()
            Operation.objects.filter(pk=operation.pk).update(rows=0)
            return False
        Operation.objects.filter(pk=operation.pk).update(blank=table.blank_rows)
    return True


def _note_table(operation: Operation, table: Table) -> None:
    operation.header = table.header
    operation.source_facts |= {
        "kind": table.kind,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet_name,
        "header_row": table.header_row,
        "sensitive": sorted(sealed_columns(table.match)),
        "unknown": list(table.match.unknown_at),
        "numeric": sorted(index for index, column in table.match.mapping.items() if column.numeric),
    }
    operation.save(update_fields=["header", "source_facts"])


def _read_rows(operation: Operation, kind: UploadKind, table: Table) -> None:
    # A worker that died left whole chunks behind; what they hold is not read again.
    already = Item.objects.filter(operation=operation).aggregate(last=Max("row_no"))["last"] or 0
    judge = kind.judge(operation)
    clean = table.match.row_cleaner(mappings=operation.params.get("mappings"))
    sealed = sealed_columns(table.match)
    for chunk in chunks((row for row in table.rows() if row.row_no > already), CHUNK):
        rows = []
        for read in chunk:
            data, findings = clean(read.cells, row=read.row_no)
            row = Row(read.row_no, read.cells, data, [*read.problems, *findings])
            row.is_damaged = any(problem.severity is Severity.ERROR for problem in read.problems)
            rows.append(row)
        _judge_and(add_rows, operation, judge, rows, sealed)


def _judge_pending(operation: Operation, kind: Kind) -> None:
    judge = kind.judge(operation)
    to_row: Callable[[Item], Row] = _row_of_selection
    sensitive: dict[int, str] = {}
    if isinstance(kind, UploadKind):
        match = kind.columns(operation.organization_id).match(operation.header)
        # Columns that nobody knows stay sealed; nothing is read from them.
        sensitive = sensitive_columns(match)
        # What is sensitive now may have been unknown, or not sealed, when the file was read.
        sealed = match.mapping.keys() & set(operation.source_facts.get("sensitive", []))
        to_row = partial(_row_of_file, match.row_cleaner(mappings=operation.params.get("mappings")), sealed)
    pending = Item.objects.filter(operation=operation, state=ItemState.PENDING).order_by("row_no")
    last = 0
    while chunk := list(pending.filter(row_no__gt=last)[:CHUNK]):
        _judge_and(rejudge_rows, operation, judge, [to_row(item) for item in chunk], sensitive)
        last = chunk[-1].row_no


def _row_of_file(clean: RowCleaner, sealed: Iterable[int], item: Item) -> Row:
    cells = open_cells(item.cells, sealed)
    data, findings = clean(cells, row=item.row_no)
    return Row(item.row_no, cells, data, findings)


def _row_of_selection(item: Item) -> Row:
    return Row(item.row_no, [], item.data, [], item.key, item.target_id)


def _judge_and(
    write: Callable[[UUID, Sequence[Row]], None],
    operation: Operation,
    judge: Judge,
    rows: Sequence[Row],
    sealed: dict[int, str],
) -> None:
    judge.judge(rows)
    for row in rows:
        seal_row(row, sealed)
    with transaction.atomic():
        write(operation.pk, rows)
        beat(operation, done=len(rows), rows=len(rows) if write is add_rows else 0)


def beat(operation: Operation, *, done: int, rows: int = 0) -> None:
    """Say how far it is, in the chunk's transaction. Raises Canceled, which takes the chunk back."""
    changed = Operation.objects.filter(pk=operation.pk, cancel_requested=False).update(
        done=F("done") + done, rows=F("rows") + rows, beat_at=timezone.now(), revivals=0
    )
    if not changed:
        raise Canceled


def chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """The things, so many at a time."""
    source = iter(things)
    while chunk := list(islice(source, size)):
        yield chunk
