"""The list in the address bar: what its query asks for, and links that ask for something else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import QueryDict

from muster.console.lists.address import choice_in, choices_in, search_in, state_in, written
from muster.console.lists.asking import asking, heeding, question_in
from muster.console.lists.links import Chip, chips_of, quoted
from muster.core.table import EVERYTHING, Question
from muster.core.words import states
from muster.producers.models import Agency, SyncStatus
from muster.producers.queries import DEFAULT_ORDER, NO_AGENCY, ORDERS, PROBLEMS, Selection
from muster.reports.subjects.producers import PRODUCERS

LARGEST_ID = 2**63 - 1

PROBLEM_LABELS = {
    "attention": "Could not be synced",
    "name-differs": "Name differs",
    "leaving": "Waits to be removed",
}
NOBODY = {
    "attention": "The registry knows every producer it was asked about, and no sync was given up.",
    "name-differs": "Every name in your files is the registry’s.",
    "leaving": "No removal waits for the terminations of a producer’s appointments.",
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


@dataclass(frozen=True, slots=True)
class Asked(Selection):
    """What is asked of the list: its own filters, and the question beside them."""

    question: Question = EVERYTHING
    refused: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return super(Asked, self).narrows or self.question.narrows or bool(self.refused)


def selection_of(query: QueryDict) -> Asked:
    """What the query asks for. A value that means nothing here is refused."""
    question, refused = question_in(query, PRODUCERS)
    asked = Asked(
        search=search_in(query),
        state=state_in(query),
        statuses=choices_in(query, "status", SyncStatus.values),
        agency=agency_in(query),
        problem=choice_in(query, "problem", PROBLEMS),
        order=choice_in(query, "sort", ORDERS, DEFAULT_ORDER),
        question=question,
        refused=refused,
    )
    return heeding(asked, query, query_of, "state", "status", "agency", "problem")


def agency_in(query: QueryDict) -> int | str | None:
    """The id of an agency, `NO_AGENCY`, or nothing."""
    asked = query.get("agency", "")
    if asked == NO_AGENCY:
        return NO_AGENCY
    if asked.isascii() and asked.isdigit() and 0 < int(asked[:20]) <= LARGEST_ID:
        return int(asked)
    return None


def query_of(selection: Selection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    asked = {
        "q": selection.search,
        "state": selection.state,
        "status": selection.statuses,
        "agency": selection.agency,
        "problem": selection.problem,
        "sort": selection.order,
        **asking(selection),
    }
    return written(asked, {"sort": DEFAULT_ORDER}, **places)


def chips(selection: Selection, agency: Agency | None) -> list[Chip]:
    """The filters that are on, each with a way to take it off; `agency` is the one that is chosen."""
    named = agency.name if agency else "Unknown agency"
    return chips_of(
        selection,
        query_of,
        search=quoted,
        state=lambda state: f"Licensed in {states()[state]}",
        statuses=lambda status: SyncStatus(status).label,
        agency=lambda chosen: "No agency" if chosen == NO_AGENCY else named,
        problem=PROBLEM_LABELS.__getitem__,
    )


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
