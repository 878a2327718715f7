"""Handing an operation to the workers, in the caller's transaction."""

from __future__ import annotations

from uuid import UUID


def defer_run(operation_id: UUID) -> None:
    """Queue the job that carries the operation on; it exists only if the caller's transaction commits."""
    from muster.bulk.tasks import run_operation

    run_operation.defer(operation_id=str(operation_id))
