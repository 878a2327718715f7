"""The builder of a report as its page shows it: columns, filters, and what can be added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from muster.console.reports.address import Asked, Written, written_out
from muster.core.days import OFFERED
from muster.core.table import (
    OPERATORS,
    WITHOUT_VALUE,
    YES,
    FieldKind,
    Operator,
    operator_label,
)
from muster.reports.fields import Field
from muster.reports.subject import Subject

HINTS: Mapping[FieldKind, str] = {
    FieldKind.DATE: "YYYY-MM-DD, or 60 days from now",
    FieldKind.NUMBER: "A whole number",
    FieldKind.MONEY: "12.50",
}
FLAGS = {YES: "Yes", "no": "No"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the report, at its place."""

    field: Field
    place: int
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: what it compares, how, and with what; `problem` says what to write instead.

    `options` are to be chosen from, `suggestions` go with what is typed.
    """

    place: int
    field: Field | None
    told: Written
    operators: list[tuple[str, str]]
    options: list[tuple[str, str]]
    suggestions: list[str]
    hint: str
    takes_value: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that are offered under one heading."""

    label: str
    fields: list[Field]


def columns_of(asked: Asked, subject: Subject) -> list[Column]:
    """The columns in their order."""
    last = len(asked.columns)
    return [
        Column(subject.by_name[name], place, place == 1, place == last)
        for place, name in enumerate(asked.columns, 1)
    ]


def filters_of(asked: Asked, subject: Subject) -> list[Filter]:
    """The filters in their order, those that mean nothing too."""
    return [_filter(place, written_out(text, subject), subject) for place, text in enumerate(asked.where)]


def _filter(place: int, told: Written, subject: Subject) -> Filter:
    of = subject.by_name.get(told.field)
    if of is None:
        return Filter(place, None, told, [(told.operator, told.operator)], [], [], "", takes_value=True)
    operators = [(one.value, operator_label(one, of.kind)) for one in OPERATORS[of.kind]]
    several = told.operator == Operator.ONE_OF
    choices = FLAGS if of.kind is FieldKind.FLAG else of.choices
    hint = "Several, separated by ;" if several else HINTS.get(of.kind, "")
    return Filter(
        place,
        of,
        told,
        operators,
        options=[] if several else list(choices.items()),
        suggestions=list(choices.values()) if several else list(OFFERED) if of.kind is FieldKind.DATE else [],
        hint=hint,
        takes_value=told.operator not in WITHOUT_VALUE,
    )


def sections_of(fields: Iterable[Field]) -> list[Section]:
    """Fields by the heading under which they are offered, in their order."""
    return [Section(label, list(under)) for label, under in groupby(fields, lambda of: of.section)]


def builder_of(asked: Asked, subject: Subject) -> dict[str, Any]:
    """What the builder of a page shows."""
    first = [subject.by_name[name] for name in subject.filters]
    return {
        "columns": columns_of(asked, subject),
        "filters": filters_of(asked, subject),
        "addable": sections_of(of for of in subject.fields if of.name not in asked.columns),
        "filterable": [Section("Asked for most", first), *sections_of(subject.fields)],
        "fields": sections_of(subject.fields),
        "sort": asked.sort.removeprefix("-"),
        "turned": asked.sort.startswith("-"),
    }
