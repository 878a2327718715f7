"""The list of candidates in the address bar: what its query asks for, and the links of other queries."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import QueryDict

from muster.appointments.renewals import Selection, Why
from muster.console.lists.address import choice_in, search_in, text_in, written
from muster.console.lists.links import Chip, chips_of, quoted
from muster.core.words import states

DAYS = (30, 60, 90, 180, 365)
DEFAULT_DAYS = 90

WHY_LABELS: Mapping[str, str] = {
    Why.LICENSE: "License or line lost",
    Why.ASSIGNMENT: "Not assigned",
    Why.BUSINESS: "No business marked",
}


def selection_of(query: QueryDict) -> Selection:
    """What the query asks for. Of a state or a reason that is not known there is nothing."""
    return Selection(
        search=search_in(query),
        state=text_in(query, "state"),
        why=text_in(query, "why"),
        days=int(choice_in(query, "days", [str(one) for one in DAYS], str(DEFAULT_DAYS))),
    )


def query_of(selection: Selection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    asked = {
        "q": selection.search,
        "state": selection.state,
        "why": selection.why,
        "days": selection.days,
    }
    return written(asked, {"days": DEFAULT_DAYS}, **places)


def chips(selection: Selection) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    return chips_of(
        selection,
        query_of,
        search=quoted,
        state=lambda state: states().get(state, quoted(state)),
        why=lambda why: WHY_LABELS.get(why, quoted(why)),
    )
