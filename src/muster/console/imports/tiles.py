"""The numbers of an import: one tile an outcome, planned or done, and one a sync status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from muster.bulk.kinds import UploadKind, upload_kind_named
from muster.bulk.models import Operation, OperationState, Outcome
from muster.console.imports.reads import NOT_PROCESSED, sync_of
from muster.console.statuses import LOOKS
from muster.core.counting import counted

S = OperationState

COLORS = {
    S.CHECKING: "azure",
    S.BLOCKED: "red",
    S.READY: "yellow",
    S.RUNNING: "azure",
    S.DONE: "green",
    S.DONE_WITH_FAILURES: "orange",
    S.CANCELED: "secondary",
    S.STALLED: "red",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with its name; `share` is its part of the whole in percent."""

    name: str
    label: str
    count: int
    color: str
    share: float = 0.0


OUTCOME_COLORS = {
    Outcome.CREATED.value: "green",
    Outcome.UPDATED.value: "azure",
    Outcome.UNCHANGED.value: "secondary",
    Outcome.DUPLICATE.value: "purple",
    Outcome.REJECTED.value: "red",
    NOT_PROCESSED: "yellow",
}
OUTCOME_LABELS = {**dict(Outcome.choices), NOT_PROCESSED: "Not processed"}


def outcome_labels(kind: UploadKind) -> dict[str, str]:
    """What has become of a row of this kind, in words."""
    return OUTCOME_LABELS | {Outcome.CREATED.value: kind.made}


def planned_labels(kind: UploadKind) -> dict[str, str]:
    """What would become of a row of this kind, in words."""
    return OUTCOME_LABELS | {
        Outcome.CREATED.value: f"To be {kind.made.lower()}",
        Outcome.UPDATED.value: "To be updated",
        Outcome.UNCHANGED.value: "Nothing new",
    }


def tiles(
    counts: Mapping[str, int], rows: int, kind: UploadKind, *, labels: Mapping[str, str] | None = None
) -> list[Tile]:
    """A tile an outcome, in the order of `Outcome`; rows that none of them holds are *not processed*."""
    labels = labels or outcome_labels(kind)
    told = {name: counts.get(name, 0) for name in Outcome.values}
    told[NOT_PROCESSED] = max(0, rows - sum(told.values()))
    whole = max(1, rows)
    return [
        Tile(name, labels[name], count, OUTCOME_COLORS[name], round(count * 100 / whole, 2))
        for name, count in told.items()
        if count or name in kind.outcomes
    ]


def planned_tiles(operation: Operation) -> list[Tile]:
    """What processing would come to, an outcome a tile."""
    kind = upload_kind_named(operation.kind)
    planned = tiles(operation.preview, operation.rows, kind, labels=planned_labels(kind))
    return [tile for tile in planned if tile.name != NOT_PROCESSED]


def history_tiles(operation: Operation) -> list[Tile]:
    """What became of an operation, or would; nothing where neither is known."""
    if operation.state == S.READY:
        return planned_tiles(operation)
    kind = upload_kind_named(operation.kind)
    return tiles(operation.outcomes, operation.rows, kind) if operation.outcomes else []


def title_of(operation: Operation) -> str:
    """What an operation is called: by its file, or by what was asked for without one."""
    kind = upload_kind_named(operation.kind)
    return operation.source_name or f"{kind.label}: {counted(operation.rows, f'{kind.one},{kind.many}')}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What processing would do: the numbers of the check page."""

    good: int
    rejected: int
    duplicate: int
    written: int
    nothing_new: bool


def plan(operation: Operation) -> Plan:
    """The numbers of an operation that is ready."""
    count = operation.preview.get
    good = sum(count(name, 0) for name in (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED))
    rejected, duplicate = count(Outcome.REJECTED, 0), count(Outcome.DUPLICATE, 0)
    written = max(0, operation.rows - good - rejected - duplicate)
    nothing_new = good > 0 and not rejected and good == count(Outcome.UNCHANGED, 0)
    return Plan(good, rejected, duplicate, written, nothing_new)


def state_words(operation: Operation) -> str:
    """What the state is called; one that is ready with nothing to process says what it waits for."""
    if operation.state == S.READY and operation.preview and not (numbers := plan(operation)).good:
        return "Needs mending" if numbers.rejected else "Nothing to process"
    return S(operation.state).label


# Counting a million producers takes a moment, so those are counted seldom.
MANY = 50_000


def sync_context(operation: Operation) -> dict[str, Any]:
    """How the sync of the touched producers goes, with a tile a status."""
    sync = sync_of(operation)
    parts = [
        Tile(status.value, status.label, count, LOOKS[status].color, round(count * 100 / sync.total, 2))
        for status, count in sync.parts
    ]
    return {"sync": sync, "parts": parts, "sync_seconds": 3 if sync.total < MANY else 30}
