"""The history as the rows of a CSV file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.timezone import localtime

from muster.console.changes.labels import NOTHING, state_name
from muster.console.changes.sentences import Field, tell
from muster.history.models import Change

HEADER = (
    "Time",
    "NPN",
    "Producer",
    "Kind",
    "State",
    "What happened",
    "Before",
    "After",
    "Source",
    "Person",
    "Operation",
)


def export_rows(changes: Iterable[Change]) -> Iterator[list[object]]:
    """The rows, header first; times are those of the site's zone."""
    yield list(HEADER)
    for change in changes:
        told = tell(change)
        yield [
            localtime(change.at).isoformat(sep=" ", timespec="seconds"),
            told.npn,
            told.producer,
            change.get_kind_display(),
            state_name(change.state),
            told.title,
            _side(told.fields, 1),
            _side(told.fields, 2),
            told.source,
            told.by,
            str(change.operation_id or ""),
        ]


def _side(fields: tuple[Field, ...], side: int) -> str:
    return "; ".join(f"{field.label}: {field[side]}" for field in fields if field[side] != NOTHING)
