"""How far an import or an action under way is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from muster.bulk.models import Operation, OperationState
from muster.bulk.queries import Progress, progress

S = OperationState
SILENT_FOR = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Moving:
    """How far an operation under way is, told so that no number promises what is not known."""

    progress: Progress
    percent: int | None
    total: int | None
    done: int
    elapsed: timedelta | None
    waits_for_worker: bool

    @property
    def said(self) -> str:
        """What a screen reader hears; it changes a few times only."""
        if self.waits_for_worker:
            return "Waiting for a free worker."
        doing = "Checking" if self.progress.state == S.CHECKING else "Processing"
        return f"{doing}." if self.percent is None else f"{doing}: {self.percent // 25 * 25} percent done."


def moving(operation: Operation, *, now: datetime) -> Moving:
    """How far it is. How many rows a workbook has is not known before it was read once."""
    told = progress(operation)
    first_time = operation.checked_at is None
    started = operation.created_at if first_time else operation.started_at
    if operation.state == S.RUNNING and started and operation.checked_at and started < operation.checked_at:
        started = None  # mended and processed again: when this round began is not kept
    if operation.state == S.CHECKING and not first_time:
        started = None
    reads_file = operation.state == S.CHECKING and first_time and operation.source_name
    knows_total = told.total is not None and not (reads_file and operation.source_facts.get("kind") != "csv")
    silent = operation.beat_at is not None and now - operation.beat_at > SILENT_FOR
    return Moving(
        told,
        told.percent if knows_total else None,
        told.total if knows_total else None,
        operation.done,
        now - started if started else None,
        waits_for_worker=silent and told.done == 0,
    )
