"""The list of reminders in the address bar: what its query asks for, and how that is written."""

from __future__ import annotations

from django.http import QueryDict
from django.urls import reverse

from muster.core.reminders import DAYS
from muster.core.words import states
from muster.notices.queries import ReminderSelection


def selection_of(query: QueryDict) -> ReminderSelection:
    """What the query asks for. Values that mean nothing here are passed over."""
    days, state = query.get("days", ""), query.get("state", "")
    return ReminderSelection(
        days=int(days) if days in {str(one) for one in DAYS} else None,
        state=state if state in states() else "",
        done=query.get("show") == "done",
    )


def query_of(selection: ReminderSelection, **more: str | None) -> str:
    """The query that asks for the selection, with its question mark; `more` are places of paging."""
    query = QueryDict(mutable=True)
    if selection.done:
        query["show"] = "done"
    if selection.days:
        query["days"] = str(selection.days)
    if selection.state:
        query["state"] = selection.state
    query.update({name: place for name, place in more.items() if place})
    return f"?{query.urlencode()}"


def url_of(selection: ReminderSelection, **more: str | None) -> str:
    """The address of the list."""
    return reverse("reminder-list") + query_of(selection, **more)
