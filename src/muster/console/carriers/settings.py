"""The settings of a company's states as a table that can be filled in, and as a form for several at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from django.http import QueryDict

from muster.carriers.columns import STATE_SETTING
from muster.carriers.models import CompanyState
from muster.core.words import states

SWITCHES = [column.key for column in STATE_SETTING if column.choices]
TEXTS = [column.key for column in STATE_SETTING if not column.choices]
NEW = "new"
"""What stands before the names of the fields that hold for the states to be added."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A state in which a company appoints, as the table shows it; `reasons` say what is wrong, by key."""

    state: str
    ticks: Mapping[str, bool]
    texts: Mapping[str, str]
    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)
    removed: bool = False

    @property
    def name(self) -> str:
        return states().get(self.state, self.state)


@dataclass(frozen=True, slots=True)
class AddingStates:
    """What was filled in for states that are to be added, and what is wrong with it."""

    chosen: Sequence[str] = ()
    row: SettingRow = field(default_factory=lambda: SettingRow("", {}, {}))


def rows_of(settings: Iterable[CompanyState]) -> list[SettingRow]:
    """The settings as they are on file, by the name of the state."""
    rows = [
        SettingRow(
            setting.state,
            {key: getattr(setting, key) for key in SWITCHES},
            {key: str(getattr(setting, key) or "") for key in TEXTS},
        )
        for setting in settings
    ]
    return sorted(rows, key=attrgetter("name"))


def rows_in(form: QueryDict) -> list[SettingRow]:
    """The rows of the table as they were sent."""
    removed = set(form.getlist("remove"))
    return [row_in(form, state, state, removed=state in removed) for state in form.getlist("state")]


def row_in(form: QueryDict, prefix: str, state: str, *, removed: bool = False) -> SettingRow:
    """The fields that begin with a prefix, as a row."""
    return SettingRow(
        state,
        {key: f"{prefix}-{key}" in form for key in SWITCHES},
        {key: form.get(f"{prefix}-{key}", "") for key in TEXTS},
        removed=removed,
    )


def told_in(row: SettingRow) -> dict[str, str]:
    """What a row says, as a file would."""
    return {key: "yes" if ticked else "no" for key, ticked in row.ticks.items()} | dict(row.texts)
