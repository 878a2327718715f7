"""What the page about transactions says is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from muster.core.acting import BATCH_ACTION_LABELS, BATCH_APPLICABLE
from muster.core.transactions import (
    ACTION_LABELS,
    APPLICABLE,
    BATCH_LABELS,
    MOVES,
    STATUS_LABELS,
)
from muster.transactions.actions.batches import BATCH_KINDS
from muster.transactions.actions.transactions import TRANSACTION_KINDS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "transactions.md"


def table(first: str) -> list[list[str]]:
    """The cells of the table whose first heading this is and that has as many columns as it has."""
    found: list[list[list[str]]] = []
    for line in PAGE.read_text("utf-8").splitlines():
        if not line.startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in ("code", "action", "step"):
            found.append([cells])
        elif not set(cells[0]) <= {"-"}:
            found[-1].append(cells)
    name, _, place = first.partition(":")
    return [rows[1:] for rows in found if rows[0][0] == name][int(place or 0)]


def codes(cell: str) -> set[str]:
    return set(re.findall(r"`([a-z_-]+)`", cell))


def test_the_page_tells_every_status_and_where_it_may_go() -> None:
    told = {row[0].strip("`"): (row[1], codes(row[3])) for row in table("code:0")}
    assert told == {
        status.value: (label, {to.value for to in MOVES[status]}) for status, label in STATUS_LABELS.items()
    }


def test_the_page_tells_every_action_its_statuses_and_who_may() -> None:
    told = {row[0]: (codes(row[1]), codes(row[2])) for row in table("action")}
    assert told == {
        label: (
            {status.value for status in APPLICABLE[action]},
            {TRANSACTION_KINDS[action].permission.value},
        )
        for action, label in ACTION_LABELS.items()
    }


def test_the_page_tells_every_state_of_a_batch() -> None:
    assert {row[0].strip("`"): row[1] for row in table("code:1")} == {
        state.value: label for state, label in BATCH_LABELS.items()
    }


def test_the_page_tells_every_step_of_a_batch_and_who_may_take_it() -> None:
    told = {row[0]: (codes(row[1]), codes(row[2])) for row in table("step")}
    assert told == {
        label: (
            {state.value for state in BATCH_APPLICABLE[action]},
            {BATCH_KINDS[action].permission.value},
        )
        for action, label in BATCH_ACTION_LABELS.items()
    }
