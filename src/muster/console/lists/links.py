"""The links around a list, each to another query: filters taken off, another order, another page.

A selection is a frozen dataclass whose defaults ask for the list as it stands without a query.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from muster.lists.keyset import Page

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)


class QueryOf(Protocol[S_contra]):
    """A list's own way to write the query that asks for a selection."""

    def __call__(self, selection: S_contra, /, **places: str | None) -> str: ...


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the query without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A column by which the list can be ordered: where a click leads, and how it stands (aria-sort)."""

    label: str
    url: str
    standing: str


def chips_of(selection: Any, query_of: QueryOf[Any], **labels: Callable[[Any], str]) -> list[Chip]:
    """The filters that are on, each with a way to take it off.

    `labels` names the fields that are filters, and says what each value is called; a field of several
    alternatives has a chip for every one.
    """
    found: list[tuple[str, dict[str, Any]]] = []
    for name, label in labels.items():
        value, default = getattr(selection, name), getattr(type(selection)(), name)
        if isinstance(value, tuple):
            found += [(label(one), {name: tuple(other for other in value if other != one)}) for one in value]
        elif value != default:
            found.append((label(value), {name: default}))
    return [Chip(label, query_of(replace(selection, **without))) for label, without in found]


def quoted(search: str) -> str:
    """What was searched for, as a chip shows it."""
    return f"“{search}”"


def heading_of(
    selection: Any, label: str, first: str, *, orders: Collection[str], query_of: QueryOf[Any]
) -> Heading:
    """The heading of a column: one click orders by `first`, the next turns it round where it can be."""
    turned = first[1:] if first.startswith("-") else f"-{first}"
    turned = turned if turned in orders else first
    to = turned if selection.order == first else first
    standing = ""
    if selection.order in (first, turned):
        standing = "descending" if selection.order.startswith("-") else "ascending"
    return Heading(label, query_of(replace(selection, order=to)), standing)


def links_of(page: Page, selection: S, query_of: QueryOf[S]) -> dict[str, str | None]:
    """The ways from this page to others, as `includes/keyset.html` takes them."""
    return {
        "first_url": query_of(selection) if page.previous else None,
        "previous_url": query_of(selection, before=page.previous) if page.previous else None,
        "next_url": query_of(selection, after=page.next) if page.next else None,
    }
