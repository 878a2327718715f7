"""The kernel's jobs: one an operation, and the sweeper that finds those whose worker died."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from muster.bulk import sweeper
from muster.bulk.runner import run


@app.task(name="bulk.run", queue="bulk", pass_context=False)
def run_operation(*, operation_id: str, **_: Any) -> None:
    """Carry one operation through its phase."""
    run(UUID(operation_id))


@app.periodic(cron="* * * * *")
@app.task(name="bulk.sweep", queue="periodic", queueing_lock="bulk.sweep")
def sweep(timestamp: int, **_: Any) -> None:
    """Start again what fell silent."""
    sweeper.sweep_silent_operations()


@app.periodic(cron="17 3 * * *")
@app.task(name="bulk.purge", queue="periodic", queueing_lock="bulk.purge")
def purge(timestamp: int, **_: Any) -> None:
    """Forget the rows of operations that ended long ago."""
    sweeper.purge_old_rows()
