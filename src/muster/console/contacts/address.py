"""The contacts in the address bar: what its query asks for, and links that ask for something else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import QueryDict

from muster.console.lists.address import choice_in, search_in, written
from muster.console.lists.asking import asking, heeding, question_in
from muster.console.lists.links import Chip, chips_of, quoted
from muster.console.producers.address import agency_in
from muster.core.table import EVERYTHING, Question
from muster.portals.contacts import ALL, ORDERS_OF, RECENT, Selection
from muster.portals.queries import STATES
from muster.producers.models import Agency
from muster.producers.queries import NO_AGENCY
from muster.reports.subjects.contacts import CONTACTS

LIST_LABELS = {RECENT: "Recently viewed", ALL: "All contacts"}

ORDER_LABELS = {
    "-viewed": "Viewed last",
    "viewed": "Not viewed for longest",
    "name": "Name, A to Z",
    "-name": "Name, Z to A",
    "npn": "NPN, lowest first",
    "-npn": "NPN, highest first",
}


@dataclass(frozen=True, slots=True)
class Asked(Selection):
    """What is asked of the list: its own filters, and the question beside them."""

    question: Question = EVERYTHING
    refused: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether it leaves anybody of its list out."""
        return super(Asked, self).narrows or self.question.narrows or bool(self.refused)


def selection_of(query: QueryDict) -> Asked:
    """What the query asks for. A value that means nothing here is refused."""
    question, refused = question_in(query, CONTACTS)
    which = choice_in(query, "list", LIST_LABELS, RECENT)
    asked = Asked(
        list=which,
        search=search_in(query),
        agency=agency_in(query),
        state=choice_in(query, "portal", STATES),
        order=choice_in(query, "sort", ORDERS_OF[which], ORDERS_OF[which][0]),
        question=question,
        refused=refused,
    )
    return heeding(asked, query, query_of, "list", "agency", "portal", otherwise={"list": RECENT})


def query_of(selection: Selection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    asked = {
        "list": selection.list,
        "q": selection.search,
        "agency": selection.agency,
        "portal": selection.state,
        "sort": selection.order,
        **asking(selection),
    }
    return written(asked, {"list": RECENT, "sort": ORDERS_OF[selection.list][0]}, **places)


def chips(selection: Asked, agency: Agency | None) -> list[Chip]:
    """The filters that are on, each with a way to take it off; `agency` is the one that is chosen."""
    named = agency.name if agency else "Unknown agency"
    return chips_of(
        selection,
        query_of,
        search=quoted,
        agency=lambda chosen: "No agency" if chosen == NO_AGENCY else named,
        state=lambda state: f"Portal: {STATES[state].lower()}",
    )


@dataclass(frozen=True, slots=True)
class View:
    """One of the two lists: its link, with everything else as it is asked for, and whether it is shown."""

    label: str
    url: str
    on: bool


def views(selection: Asked) -> list[View]:
    """The two lists to choose from."""
    return [
        View(label, query_of(_in_list(selection, name)), selection.list == name)
        for name, label in LIST_LABELS.items()
    ]


def _in_list(selection: Asked, name: str) -> Asked:
    """The same of another list; an order that was not chosen, or that it has not, becomes its own."""
    own = ORDERS_OF[name]
    chosen = selection.order if selection.order != ORDERS_OF[selection.list][0] else own[0]
    return replace(selection, list=name, order=chosen if chosen in own else own[0])
