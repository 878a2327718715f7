"""The list of scorecards in the address bar: what its query asks for, and the links of other queries."""

from __future__ import annotations

from dataclasses import replace

from django.http import QueryDict

from muster.console.producers.address import LONGEST_SEARCH, Chip
from muster.console.scorecards.words import GAP_WORDS
from muster.core.scorecard import GapKind
from muster.core.words import states
from muster.scorecards.queries import Selection


def selection_of(query: QueryDict) -> Selection:
    """What the query asks for. Values that mean nothing here are passed over."""
    state, gap = query.get("state", ""), query.get("gap", "")
    return Selection(
        search=query.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
        state=state if state in states() else "",
        gap=gap if gap in set(GapKind) else "",
    )


def query_of(selection: Selection, **more: str) -> str:
    """The query that asks for the selection, with its question mark; `more` are places of paging."""
    query = QueryDict(mutable=True)
    asked = {"q": selection.search, "state": selection.state, "gap": selection.gap, **more}
    query.update({name: value for name, value in asked.items() if value})
    return f"?{query.urlencode()}"


def chips(selection: Selection) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    found: list[tuple[str, Selection]] = []
    if selection.search:
        found.append((f"“{selection.search}”", replace(selection, search="")))
    if selection.state:
        found.append((f"Gaps in {states()[selection.state]}", replace(selection, state="")))
    if selection.gap:
        found.append((GAP_WORDS[GapKind(selection.gap)], replace(selection, gap="")))
    return [Chip(label, query_of(without)) for label, without in found]
