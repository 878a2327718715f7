"""What every list shows around its rows: columns, filters to add, groups, views, what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from muster.access.gate import StaffRequest
from muster.access.models import Membership
from muster.console.lists.asking import asking
from muster.console.lists.links import Heading, heading_of
from muster.console.lists.listing import FIELD_CELL, Column, Listing
from muster.console.lists.views_kept import default_view_of, kept_views, opens_with
from muster.core.days import OFFERED
from muster.core.table import OPERATORS, FieldKind, Operator, operator_label
from muster.reports.fields import Field
from muster.reports.running import texts_of

DEFAULT_ICON = "player-play"
MOST_SUGGESTED = 80


class Button(NamedTuple):
    """An action on what is ticked."""

    kind: str
    label: str
    icon: str


class Shown(NamedTuple):
    """A row of the list, what it is called, its tick, and the texts of added columns by name."""

    row: Any
    label: str
    tick: object
    extra: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HeadedColumn:
    """A column with its heading, where it orders the list."""

    column: Column
    heading: Heading | None


class Offered(NamedTuple):
    """A field to filter by: what can be asked of it, and values to choose from."""

    name: str
    label: str
    section: str
    takes: str
    values: list[tuple[str, str]]


class GroupChoice(NamedTuple):
    """A field to count by, and the query that does."""

    label: str
    url: str
    on: bool


def opening(request: StaffRequest, listing: Listing) -> HttpResponse | None:
    """Where the list opens for somebody who asks for nothing: at the view that they chose, if they did."""
    view = None if request.GET else default_view_of(request.member, listing.name)
    return redirect(listing.url + view.query) if view and view.query != "?" else None


def list_context(
    request: StaffRequest,
    listing: Listing,
    asked: Any,
    rows: Sequence[Any],
    *,
    objects: Sequence[Any],
    orders: Mapping[str, Any],
) -> dict[str, Any]:
    """What the templates of `lists/` need; `objects` are the records of the rows, in their order."""
    member, question = request.member, asked.question
    columns = listing.columns_of(question.columns)
    here = listing.query_of(asked)
    kept = kept_views(member, listing, here)
    return {
        "listing": listing,
        "columns": [HeadedColumn(one, _heading(one, listing, asked, orders)) for one in columns],
        "shown": _shown(rows, objects, listing, columns, member),
        "refused": asked.refused,
        "kept_question": [
            (name, one)
            for name, value in asking(asked).items()
            for one in (value if isinstance(value, tuple) else (value,))
        ],
        "here": here,
        "all_url": listing.url + ("?view=all" if opens_with(kept) else ""),
        "buttons": buttons_of(listing, member, asked),
        "operation_id": uuid4(),
        "tools": {
            "columns": [(one, one in columns) for one in _columns_first(listing, columns)],
            "fields": [_offered(one) for one in listing.subject.fields],
            "operators": [(one.value, label) for one, label in _operators().items()],
            "groups": _groups(listing, asked),
            "group": _label_of(listing, question.group),
            "ungrouped": listing.query_of(replace(asked, question=replace(question, group=""))),
            "filter_url": reverse("list-filter", args=[listing.name]),
            "columns_url": reverse("list-columns", args=[listing.name]),
            "groups_url": reverse("list-groups", args=[listing.name]) + here,
            "export_url": reverse("list-export", args=[listing.name]) + here,
            "act_url": reverse("list-act", args=[listing.name]) + here,
            "views": kept,
            "save_url": reverse("list-view-save", args=[listing.name]) + here,
        },
    }


def _columns_first(listing: Listing, columns: Sequence[Column]) -> list[Column]:
    """All columns: those that are shown, in their order, then the others."""
    return [*columns, *(one for one in listing.addable() if one not in columns)]


def _heading(column: Column, listing: Listing, asked: Any, orders: Mapping[str, Any]) -> Heading | None:
    if not column.order:
        return None
    return heading_of(asked, column.label, column.order, orders=orders, query_of=listing.query_of)


def _shown(
    rows: Sequence[Any],
    objects: Sequence[Any],
    listing: Listing,
    columns: Sequence[Column],
    member: Membership,
) -> list[Shown]:
    fields = [listing.subject.by_name[one.name] for one in columns if one.cell == FIELD_CELL]
    extra: dict[Any, dict[str, str]] = {}
    if fields and objects:
        found = listing.subject.rows(member).filter(pk__in=[one.pk for one in objects])
        for *texts, key in texts_of(found, fields, "pk"):
            extra[key] = {of.name: text for of, text in zip(fields, texts, strict=True)}
    return [
        Shown(row, str(one), getattr(one, listing.key), extra.get(one.pk, {}))
        for row, one in zip(rows, objects, strict=True)
    ]


def buttons_of(listing: Listing, member: Membership, asked: Any) -> list[Button]:
    """What this person may do with what is ticked; to export is always there."""
    acts = [
        Button(kind.name, kind.verb, listing.icons.get(kind.name, DEFAULT_ICON))
        for kind in listing.actions(member, asked)
    ]
    return [*acts, Button("export", "Export", "download")]


def _operators() -> dict[Operator, str]:
    return {one: operator_label(one, FieldKind.TEXT) for one in Operator}


def _offered(of: Field) -> Offered:
    takes = " ".join(one.value for one in OPERATORS[of.kind])
    values = [(code, label) for code, label in of.choices.items()][:MOST_SUGGESTED]
    if of.kind is FieldKind.FLAG:
        values = [("yes", "Yes"), ("no", "No")]
    if of.kind is FieldKind.DATE:
        values = [(day, "") for day in OFFERED]
    return Offered(of.name, of.label, of.section, takes, values)


def _groups(listing: Listing, asked: Any) -> list[GroupChoice]:
    question = asked.question
    without = listing.query_of(replace(asked, question=replace(question, group="")))
    with_group = without + ("&" if len(without) > 1 else "") + "group="
    return [
        GroupChoice(of.label, with_group + of.name, question.group == of.name)
        for of in listing.subject.fields
    ]


def _label_of(listing: Listing, name: str) -> str:
    return listing.subject.by_name[name].label if name else ""
