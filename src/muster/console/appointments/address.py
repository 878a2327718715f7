"""The list of appointments in the address bar: what its query asks for, and the links of other queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from muster.appointments.models import Appointment
from muster.appointments.queries import DEFAULT_ORDER, ORDERS, STANDINGS, Selection
from muster.console.lists.address import choice_in, search_in, state_in, written
from muster.console.lists.asking import asking, heeding, question_in
from muster.console.lists.links import Chip, chips_of, quoted
from muster.core.health import RISK_WORDS
from muster.core.table import EVERYTHING, Question
from muster.core.words import states
from muster.reports.subjects.appointments import APPOINTMENTS

STANDING_LABELS = {"in-force": "In force", "ended": "Ended"}

ORDER_LABELS = {
    "-added": "New to Muster",
    "added": "Known longest",
    "state": "State",
    "company": "CoCode",
}

LONGEST_COCODE = 5


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
    question, refused = question_in(query, APPOINTMENTS)
    asked = Asked(
        search=search_in(query),
        state=state_in(query),
        health=choice_in(query, "health", Appointment.Health.values),
        risk=choice_in(query, "risk", RISK_WORDS),
        standing=choice_in(query, "status", STANDINGS),
        cocode=_cocode(query.get("company", "").strip()),
        order=choice_in(query, "sort", ORDERS, DEFAULT_ORDER),
        question=question,
        refused=refused,
    )
    return heeding(asked, query, query_of, "state", "health", "risk", "status", "company")


def _cocode(asked: str) -> str:
    is_cocode = asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_COCODE
    return asked.zfill(LONGEST_COCODE) if is_cocode else ""


def query_of(selection: Selection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    asked = {
        "q": selection.search,
        "state": selection.state,
        "health": selection.health,
        "risk": selection.risk,
        "status": selection.standing,
        "company": selection.cocode,
        "sort": selection.order,
        **asking(selection),
    }
    return written(asked, {"sort": DEFAULT_ORDER}, **places)


def chips(selection: Selection) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    return chips_of(
        selection,
        query_of,
        search=quoted,
        state=states().__getitem__,
        health=lambda health: Appointment.Health(health).label,
        risk=RISK_WORDS.__getitem__,
        standing=STANDING_LABELS.__getitem__,
        cocode="CoCode {}".format,
    )
