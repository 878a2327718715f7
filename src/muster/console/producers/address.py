"""The list in the address bar: what its query asks for, and links that ask for something else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import QueryDict

from muster.core.words import states
from muster.producers.models import Agency, SyncStatus
from muster.producers.queries import DEFAULT_ORDER, NO_AGENCY, ORDERS, PROBLEMS, Selection

LONGEST_SEARCH = 100
LARGEST_ID = 2**63 - 1

PROBLEM_LABELS = {"attention": "Could not be synced", "name-differs": "Name differs"}
NOBODY = {
    "attention": "The registry knows every producer it was asked about, and no sync was given up.",
    "name-differs": "Every name in your files is the registry’s.",
}
"""What it means that a problem's list is empty."""

ORDER_LABELS = {
    "name": "Name, A to Z",
    "-name": "Name, Z to A",
    "npn": "NPN, lowest first",
    "-npn": "NPN, highest first",
    "-synced": "Synced last",
    "synced": "Not synced for longest",
    "-added": "Added last",
    "added": "Added first",
}


def selection_of(query: QueryDict) -> Selection:
    """What the query asks for. Values that mean nothing here are passed over."""
    state, problem, order = (query.get(name, "") for name in ("state", "problem", "sort"))
    return Selection(
        search=query.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
        state=state if state in states() else "",
        statuses=tuple(status for status in SyncStatus.values if status in query.getlist("status")),
        agency=_agency(query.get("agency", "")),
        problem=problem if problem in PROBLEMS else "",
        order=order if order in ORDERS else DEFAULT_ORDER,
    )


def _agency(asked: str) -> int | str | None:
    if asked == NO_AGENCY:
        return NO_AGENCY
    if asked.isascii() and asked.isdigit() and 0 < int(asked[:20]) <= LARGEST_ID:
        return int(asked)
    return None


def query_of(selection: Selection, **more: str) -> str:
    """The query that asks for the selection, with its question mark; `more` are places of paging."""
    query = QueryDict(mutable=True)
    if selection.search:
        query["q"] = selection.search
    if selection.state:
        query["state"] = selection.state
    query.setlist("status", list(selection.statuses))
    if selection.agency:
        query["agency"] = str(selection.agency)
    if selection.problem:
        query["problem"] = selection.problem
    if selection.order != DEFAULT_ORDER:
        query["sort"] = selection.order
    query.update({name: place for name, place in more.items() if place})
    return f"?{query.urlencode()}"


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the query without it."""

    label: str
    url: str


def chips(selection: Selection, agency: Agency | None) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    found: list[tuple[str, dict[str, object]]] = []
    if selection.search:
        found.append((f"“{selection.search}”", {"search": ""}))
    if selection.state:
        found.append((f"Licensed in {states()[selection.state]}", {"state": ""}))
    for status in selection.statuses:
        rest = tuple(other for other in selection.statuses if other != status)
        found.append((SyncStatus(status).label, {"statuses": rest}))
    if selection.agency:
        label = "No agency" if selection.agency == NO_AGENCY else agency.name if agency else "Unknown agency"
        found.append((label, {"agency": None}))
    if selection.problem:
        found.append((PROBLEM_LABELS[selection.problem], {"problem": ""}))
    return [Chip(label, query_of(replace(selection, **change))) for label, change in found]  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column by which the list can be ordered: where a click leads, and how it stands (aria-sort)."""

    label: str
    url: str
    standing: str


def heading(selection: Selection, label: str, first: str) -> Heading:
    """The heading of a column: one click orders by `first`, the next turns it round."""
    turned = first[1:] if first.startswith("-") else f"-{first}"
    to = turned if selection.order == first else first
    standing = ""
    if selection.order in (first, turned):
        standing = "descending" if selection.order.startswith("-") else "ascending"
    return Heading(label, query_of(replace(selection, order=to)), standing)


@dataclass(frozen=True, slots=True)
class Toggle:
    """A filter at one click."""

    label: str
    url: str
    on: bool


def problem_toggles(selection: Selection) -> list[Toggle]:
    """The problems that the list can be narrowed to."""
    return [
        Toggle(label, query_of(replace(selection, problem="" if on else name)), on)
        for name, label in PROBLEM_LABELS.items()
        for on in [selection.problem == name]
    ]
