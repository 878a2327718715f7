"""The list of reminders in the address bar: what its query asks for, and how that is written."""

from __future__ import annotations

from django.http import QueryDict
from django.urls import reverse

from muster.console.lists.address import choice_in, state_in, written
from muster.core.reminders import DAYS
from muster.notices.queries import ReminderSelection


def selection_of(query: QueryDict) -> ReminderSelection:
    """What the query asks for. Values that mean nothing here are passed over."""
    days = choice_in(query, "days", {str(one) for one in DAYS})
    return ReminderSelection(
        days=int(days) if days else None,
        state=state_in(query),
        done=query.get("show") == "done",
    )


def query_of(selection: ReminderSelection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    show = "done" if selection.done else ""
    return written({"show": show, "days": selection.days, "state": selection.state}, **places)


def url_of(selection: ReminderSelection, **places: str | None) -> str:
    """The address of the list."""
    return reverse("reminder-list") + query_of(selection, **places)
