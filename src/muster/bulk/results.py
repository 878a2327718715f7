"""The results file: the user's own columns in their order, with row number, outcome and reason added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from muster.bulk.kinds import kind_of
from muster.bulk.models import Item, ItemState, Operation, Outcome
from muster.bulk.queries import reasons_by_row
from muster.bulk.states import NOT_DONE
from muster.bulk.store import open_cells
from muster.core.columns import without_ssns
from muster.core.values import masked_ssn
from muster.core.writing import Result, results_rows

PAGE = 2_000
NOT_PROCESSED = "not processed"
HIDDEN = "***"


def results(operation: Operation, *, only_failed: bool = False, may_see_sealed: bool) -> Iterator[Result]:
    """Each row in the order of the file; sealed cells are masked for those without the right.

    Rows are read a page at a time, so that memory stays flat and nothing is held open while a reader is slow.
    A masked cell that is uploaded again leaves what is stored as it is.
    """
    hidden = _Hidden(operation.source_facts)
    kind = kind_of(operation)
    items = Item.objects.filter(operation=operation).order_by("row_no")
    if only_failed:
        items = items.filter(state__in=NOT_DONE)
    # Tuples: making a model instance of each row takes longer than all the rest.
    told = items.values_list("row_no", "state", "outcome", "cells", "result")
    last = 0
    while page := list(told.filter(row_no__gt=last)[:PAGE]):
        first, last = page[0][0], page[-1][0]
        reasons = reasons_by_row(operation, first=first, last=last)
        for row_no, state, outcome, sealed, noted in page:
            why = reasons.get(row_no, [])
            if state == ItemState.SKIPPED and noted:
                why.append(f"Says the same as row {noted['same_as']}.")
            elif state == ItemState.APPLIED and noted and (said := kind.say(noted)):
                why.append(said)
            cells = _cells(sealed, hidden, is_damaged(noted), may_see_sealed=may_see_sealed)
            yield Result(row_no, cells, _outcome(state, outcome), " ".join(why))


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


class _Hidden:
    """Which columns are sealed, and how their cells and all others are shown to those without the right."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.sealed = facts.get("sensitive", [])
        self._ssns = set(self.sealed) - set(facts.get("unknown", []))
        self._numeric = set(facts.get("numeric", []))

    def shown(self, index: int, cell: str) -> str:
        if cell and index in self._ssns:
            return masked_ssn(cell[-4:])
        return without_ssns(cell, numeric=index in self._numeric)


def _cells(stored: list[str], hidden: _Hidden, damaged: bool, *, may_see_sealed: bool) -> list[str]:
    if may_see_sealed:
        return open_cells(stored, range(len(stored)) if damaged else hidden.sealed)
    if damaged:
        return [HIDDEN if cell else "" for cell in stored]
    return [hidden.shown(index, cell) for index, cell in enumerate(open_cells(stored, hidden.sealed))]
