"""A list in the address bar: reading what a query asks for, and writing the query that asks for it.

Reading passes over what means nothing here: an address that somebody typed gives a list, never an error.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, TypedDict

from django.http import QueryDict

from muster.core.words import states

LONGEST_SEARCH = 100
MANY_DIGITS = 18


class Places(TypedDict):
    """Where the page begins, as an earlier page told it; empty for the first page."""

    after: str
    before: str


def places_in(query: QueryDict) -> Places:
    """The page that is asked for."""
    return Places(after=query.get("after", ""), before=query.get("before", ""))


def before_in(query: QueryDict) -> int | None:
    """The id of the last row of the page before; None on the first, and where it is none."""
    asked = query.get("before", "")
    return int(asked) if asked.isdecimal() and len(asked) <= MANY_DIGITS else None


def search_in(query: QueryDict) -> str:
    """What a person typed into the search."""
    return query.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]


def state_in(query: QueryDict) -> str:
    """The code of a state, or nothing."""
    return choice_in(query, "state", states())


def day_in(query: QueryDict, name: str) -> date | None:
    """A day, written YYYY-MM-DD."""
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        return None


def choice_in(query: QueryDict, name: str, known: Collection[str], default: str = "") -> str:
    """One of what is known."""
    asked = query.get(name, "")
    return asked if asked in known else default


def text_in(query: QueryDict, name: str) -> str:
    """What the query asks for under this name, known or not: of what is not known nothing is found."""
    return query.get(name, "").replace("\0", "").strip()[:LONGEST_SEARCH]


def choices_in(query: QueryDict, name: str, known: Collection[str]) -> tuple[str, ...]:
    """Those of what is known that are asked for, in the order of the known ones."""
    asked = query.getlist(name)
    return tuple(value for value in known if value in asked)


def written(
    asked: Mapping[str, Any], defaults: Mapping[str, Any] | None = None, /, **places: str | None
) -> str:
    """The query that asks for this, with its question mark; `places` are those of paging.

    What is empty or as in `defaults` is left out; several values are written one after another.
    """
    query = QueryDict(mutable=True)
    for name, value in {**asked, **places}.items():
        if not value or (defaults and defaults.get(name) == value):
            continue
        if isinstance(value, tuple):
            query.setlist(name, list(value))
        else:
            query[name] = value.isoformat() if isinstance(value, date) else str(value)
    return f"?{query.urlencode()}"
