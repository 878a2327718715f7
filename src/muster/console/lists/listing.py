"""One list of the console: what it is about, how its address is read, what its cells look like."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from muster.access.models import Membership
from muster.bulk.kinds import SelectionKind, selection_kinds
from muster.bulk.updating import UpdateFields
from muster.core.table import FieldKind
from muster.reports.exporting import Beside
from muster.reports.fields import Field
from muster.reports.subject import Subject


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its field's name, its label, and the template of its cells.

    `order` is the list's own order that a click on the heading asks for first, if it has one. `fields` are
    those of the subject that its cells tell, where they are more than one; `beside` is what no field tells.
    """

    name: str
    label: str
    cell: str
    order: str = ""
    at_end: bool = False
    fields: tuple[str, ...] = ()
    beside: Beside | None = None

    @property
    def told(self) -> tuple[str, ...]:
        """The fields that its cells tell, as an export has them."""
        return self.fields or (self.name,)


FIELD_CELL = "lists/cell.html"


@dataclass(frozen=True)
class Listing:
    """One list. `name` is its name in addresses and of its saved views, `page` that of its page.

    `asked_of` reads a query, `query_of` writes it; `rows` are all that match, in the list's order. `key` is
    the field whose value a tick box has. `row` is the template of a row, which includes the cells of
    `columns`; other fields of the subject can be added, and stand as text. `offers` says whether an action
    makes sense for what is asked.
    """

    name: str
    page: str
    subject: Subject
    asked_of: Callable[[QueryDict], Any]
    query_of: Callable[..., str]
    rows: Callable[[Membership, Any], QuerySet[Any]]
    row: str
    columns: tuple[Column, ...]
    key: str = "pk"
    icons: Mapping[str, str] = field(default_factory=dict)
    offers: Callable[[Any, SelectionKind], bool] = lambda asked, kind: True

    @property
    def url(self) -> str:
        """Where the list is."""
        return reverse(self.page)

    def records(self, member: Membership, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The subject's records that the rows are, in their order; or those that they stand for, in none."""
        records = self.subject.rows(member)
        if rows.model is records.model:
            return rows
        return records.filter(pk__in=rows.order_by().values("pk"))

    def columns_of(self, chosen: Collection[str]) -> tuple[Column, ...]:
        """The columns that are chosen, in their order; those of the list where none is."""
        own = {one.name: one for one in self.columns}
        found = (own.get(name) or self._of_field(name) for name in chosen)
        return tuple(one for one in found if one is not None) or self.columns

    def addable(self) -> tuple[Column, ...]:
        """All columns there are: the list's own, then the other fields of its subject."""
        own = {one.name for one in self.columns}
        rest = (self._of_field(one.name) for one in self.subject.fields if one.name not in own)
        return (*self.columns, *(one for one in rest if one is not None))

    def _of_field(self, name: str) -> Column | None:
        of: Field | None = self.subject.by_name.get(name)
        if of is None:
            return None
        return Column(of.name, of.label, FIELD_CELL, at_end=of.kind in (FieldKind.NUMBER, FieldKind.MONEY))

    def actions(self, member: Membership, asked: Any) -> list[SelectionKind]:
        """What the member may do with rows of the list."""
        # Updates come last: what is done most stands first.
        return sorted(
            (
                kind
                for kind in selection_kinds()
                if self.subject.target
                and kind.target == self.subject.target
                and kind.is_offered
                and member.may(kind.permission)
                and self.offers(asked, kind)
            ),
            key=lambda kind: isinstance(kind, UpdateFields),
        )
