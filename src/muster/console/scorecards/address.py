"""The list of scorecards in the address bar: what its query asks for, and the links of other queries."""

from __future__ import annotations

from django.http import QueryDict

from muster.console.lists.address import choice_in, search_in, state_in, written
from muster.console.lists.links import Chip, chips_of, quoted
from muster.core.scorecard import GAP_WORDS, GapKind
from muster.core.words import states
from muster.scorecards.queries import Selection


def selection_of(query: QueryDict) -> Selection:
    """What the query asks for. Values that mean nothing here are passed over."""
    return Selection(
        search=search_in(query),
        state=state_in(query),
        gap=choice_in(query, "gap", GAP_WORDS),
    )


def query_of(selection: Selection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    return written({"q": selection.search, "state": selection.state, "gap": selection.gap}, **places)


def chips(selection: Selection) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    return chips_of(
        selection,
        query_of,
        search=quoted,
        state=lambda state: f"Gaps in {states()[state]}",
        gap=lambda gap: GAP_WORDS[GapKind(gap)],
    )
