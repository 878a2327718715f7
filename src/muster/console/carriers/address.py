"""The list of business rules in the address bar: what its query asks for, and how that is written."""

from __future__ import annotations

from django.http import QueryDict
from django.urls import reverse

from muster.carriers.queries import RuleSelection
from muster.console.lists.address import choice_in, search_in, state_in, written
from muster.core.words import LOA_CATEGORIES

ACTIVE = {"yes": "Active", "no": "Inactive"}


def selection_of(query: QueryDict) -> RuleSelection:
    """What the query asks for. Values that mean nothing here are passed over."""
    return RuleSelection(
        search=search_in(query),
        state=state_in(query),
        category=choice_in(query, "category", LOA_CATEGORIES),
        active=choice_in(query, "active", ACTIVE),
    )


def query_of(selection: RuleSelection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    asked = {
        "q": selection.search,
        "state": selection.state,
        "category": selection.category,
        "active": selection.active,
    }
    return written(asked, **places)


def url_of(selection: RuleSelection, **places: str | None) -> str:
    """The address of the list."""
    return reverse("business-rule-list") + query_of(selection, **places)
