"""The results file: the user's own columns in their order, with row number, outcome and reason added."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from muster.bulk.models import Item, ItemState, Operation, Outcome
from muster.bulk.queries import findings_by_row
from muster.bulk.states import NOT_DONE
from muster.bulk.store import open_cells
from muster.core.columns import our_columns
from muster.core.values import masked_ssn
from muster.core.writing import Result, results_rows

STREAMED = 2_000
NOT_PROCESSED = "not processed"
HIDDEN = "***"


def results(operation: Operation, *, only_failed: bool = False, may_see_sealed: bool) -> Iterator[Result]:
    """Each row in the order of the file, streamed; sealed cells are masked for those without the right.

    A masked cell that is uploaded again leaves what is stored as it is.
    """
    sensitive = operation.source_facts.get("sensitive", [])
    items = Item.objects.filter(operation=operation).order_by("row_no")
    if only_failed:
        items = items.filter(state__in=NOT_DONE)
    # Tuples: making a model instance of each row takes longer than all the rest.
    told = items.values_list("row_no", "state", "outcome", "cells", "result")
    with closing(findings_by_row(operation.pk)) as findings:
        ahead = next(findings, None)
        for row_no, state, outcome, sealed, noted in told.iterator(chunk_size=STREAMED):
            reasons = []
            while ahead and ahead[0] <= row_no:
                if ahead[0] == row_no:
                    reasons.append(ahead[1])
                ahead = next(findings, None)
            if state == ItemState.SKIPPED and noted:
                reasons.append(f"Says the same as row {noted['same_as']}.")
            cells = _cells(sealed, sensitive, is_damaged(noted), may_see_sealed=may_see_sealed)
            yield Result(row_no, cells, _outcome(state, outcome), " ".join(reasons))


def user_header(operation: Operation) -> list[str]:
    """The header of the user's file, without the columns of an earlier results file."""
    ours = our_columns(operation.header)
    return [name for index, name in enumerate(operation.header) if index not in ours]


def result_rows(
    operation: Operation, *, only_failed: bool = False, may_see_sealed: bool
) -> Iterator[list[object]]:
    """The rows of the results file, header first."""
    told = results(operation, only_failed=only_failed, may_see_sealed=may_see_sealed)
    return results_rows(operation.header, told)


def is_damaged(noted: dict[str, Any] | None) -> bool:
    """Whether the row could not be read whole; all its cells are sealed, for an SSN may stand in any."""
    return bool(noted and noted.get("damaged"))


def _outcome(state: str, outcome: str | None) -> str:
    return outcome or (Outcome.REJECTED.value if state in NOT_DONE else NOT_PROCESSED)


def _cells(sealed: list[str], sensitive: list[int], damaged: bool, *, may_see_sealed: bool) -> list[str]:
    if may_see_sealed:
        return open_cells(sealed, range(len(sealed)) if damaged else sensitive)
    if damaged:
        return [HIDDEN if cell else "" for cell in sealed]
    opened = open_cells(sealed, sensitive)
    for index in sensitive:
        if index < len(opened) and opened[index]:
            opened[index] = masked_ssn(opened[index][-4:])
    return opened
