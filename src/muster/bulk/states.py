"""The moves that an operation may make, each one conditional UPDATE: who loses a race changes nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from muster.bulk.models import ItemState, Operation, OperationState

S = OperationState

MOVES: dict[OperationState, frozenset[OperationState]] = {
    S.CHECKING: frozenset({S.BLOCKED, S.READY, S.CANCELED, S.STALLED}),
    S.BLOCKED: frozenset({S.CANCELED}),
    S.READY: frozenset({S.CHECKING, S.RUNNING, S.CANCELED}),
    S.RUNNING: frozenset({S.DONE, S.DONE_WITH_FAILURES, S.CANCELED, S.STALLED}),
    S.DONE: frozenset(),
    S.DONE_WITH_FAILURES: frozenset({S.CHECKING}),
    S.CANCELED: frozenset({S.CHECKING}),
    S.STALLED: frozenset({S.CHECKING, S.CANCELED}),
}

UNDER_WAY = frozenset({S.CHECKING, S.RUNNING})
WAITS_FOR_A_PERSON = frozenset({S.READY, S.BLOCKED, S.STALLED})

GOOD = (ItemState.OK, ItemState.WARNED)
NOT_DONE = (ItemState.REJECTED, ItemState.FAILED_RETRYABLE, ItemState.FAILED_FINAL)


def move(operation_id: UUID, *, to: OperationState, provided: Q | None = None, **changes: Any) -> bool:
    """Move the operation if this move may start where it stands and `provided` holds; say if it moved."""
    sources = [state for state, targets in MOVES.items() if to in targets]
    operation = Operation.objects.filter(provided or Q(), pk=operation_id, state__in=sources)
    return operation.update(state=to, **changes) == 1
