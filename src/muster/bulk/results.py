"""The results file: the user's own columns in their order, with row number, outcome and reason added."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

from muster.bulk.models import Item, ItemState, Operation, Outcome
from muster.bulk.queries import findings_by_row
from muster.bulk.states import NOT_DONE
from muster.bulk.store import open_cells
from muster.core.columns import our_columns
from muster.core.values import masked_ssn

STREAMED = 2_000
NOT_PROCESSED = "not processed"


class Result(NamedTuple):
    """What became of one row."""

    row_no: int
    cells: list[str]
    outcome: str
    reason: str


def results(operation: Operation, *, only_failed: bool = False, may_see_sealed: bool) -> Iterator[Result]:
    """Each row in the order of the file, streamed; sealed cells are masked for those without the right.

    A masked cell that is uploaded again leaves what is stored as it is.
    """
    sensitive = operation.source_facts.get("sensitive", [])
    items = Item.objects.filter(operation=operation).order_by("row_no")
    if only_failed:
        items = items.filter(state__in=NOT_DONE)
    with closing(findings_by_row(operation.pk)) as findings:
        ahead = next(findings, None)
        for item in items.iterator(chunk_size=STREAMED):
            reasons = []
            while ahead and ahead[0] <= item.row_no:
                if ahead[0] == item.row_no:
                    reasons.append(ahead[1])
                ahead = next(findings, None)
            if item.state == ItemState.SKIPPED and item.result:
                reasons.append(f"Says the same as row {item.result['same_as']}.")
            cells = open_cells(item.cells, sensitive)
            if not may_see_sealed:
                cells = _masked(cells, sensitive)
            yield Result(item.row_no, cells, _outcome(item), " ".join(reasons))


def user_header(operation: Operation) -> list[str]:
    """The header of the user's file, without the columns of an earlier results file."""
    ours = our_columns(operation.header)
    return [name for index, name in enumerate(operation.header) if index not in ours]


def result_rows(
    operation: Operation, *, only_failed: bool = False, may_see_sealed: bool
) -> Iterator[list[str]]:
    """The results file, header first, every row as long as the header."""
    header = user_header(operation)
    ours = our_columns(operation.header)
    yield [*header, "Row", "Outcome", "Reason"]
    for result in results(operation, only_failed=only_failed, may_see_sealed=may_see_sealed):
        cells = [cell for index, cell in enumerate(result.cells) if index not in ours]
        padded = [*cells, *[""] * (len(header) - len(cells))]
        yield [*padded, str(result.row_no), result.outcome, result.reason]


def _outcome(item: Item) -> str:
    if item.outcome:
        return Outcome(item.outcome).value
    return Outcome.REJECTED.value if item.state in NOT_DONE else NOT_PROCESSED


def _masked(cells: list[str], sensitive: list[int]) -> list[str]:
    return [
        masked_ssn(cell[-4:]) if index in sensitive and cell else cell for index, cell in enumerate(cells)
    ]
