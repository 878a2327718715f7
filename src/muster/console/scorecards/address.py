"""The list of scorecards in the address bar: what its query asks for, and the links of other queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from muster.console.lists.address import choice_in, search_in, state_in, written
from muster.console.lists.asking import asking, heeding, question_in
from muster.console.lists.links import Chip, chips_of, quoted
from muster.core.scorecard import GAP_WORDS, GapKind
from muster.core.table import EVERYTHING, Question
from muster.core.words import states
from muster.reports.subjects.assignments import ASSIGNMENTS
from muster.scorecards.queries import Selection


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
    question, refused = question_in(query, ASSIGNMENTS)
    asked = Asked(
        search=search_in(query),
        state=state_in(query),
        gap=choice_in(query, "gap", GAP_WORDS),
        question=question,
        refused=refused,
    )
    return heeding(asked, query, query_of, "state", "gap")


def query_of(selection: Selection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    asked = {"q": selection.search, "state": selection.state, "gap": selection.gap}
    return written({**asked, **asking(selection)}, **places)


def chips(selection: Selection) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    return chips_of(
        selection,
        query_of,
        search=quoted,
        state=lambda state: f"Gaps in {states()[state]}",
        gap=lambda gap: GAP_WORDS[GapKind(gap)],
    )
