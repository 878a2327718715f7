"""The list of licenses in the address bar: what its query asks for, and the links of other queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.http import QueryDict
from django.utils.dateformat import format as in_format

from muster.console.producers.address import LONGEST_SEARCH, Chip, Heading
from muster.core.words import states
from muster.licenses.models import License
from muster.licenses.queries import ANY, DEFAULT_ORDER, IN_FORCE, ORDERS, Selection
from muster.licenses.standing import SOON, Standing

STANDING_LABELS: dict[str, str] = {
    IN_FORCE: "In force",
    Standing.EXPIRES_SOON: f"Expires within {SOON.days} days",
    Standing.ACTIVE: f"Active for more than {SOON.days} days",
    Standing.EXPIRED: "Expired",
    Standing.INACTIVE: "Inactive",
    Standing.GONE: "No longer listed",
    ANY: "Any standing",
}

ORDER_LABELS = {
    "expiry": "Expires first",
    "-expiry": "Expires last",
    "state": "State",
}

ALL_IS_WELL: dict[str, str] = {
    Standing.EXPIRED: "No license that the registry calls active is past its day.",
    Standing.INACTIVE: "Every license that the registry lists is active.",
    Standing.GONE: "The registry still lists every license it ever told of.",
    Standing.EXPIRES_SOON: f"No license in force expires within {SOON.days} days.",
}
"""What it means that nothing stands so."""


def selection_of(query: QueryDict) -> Selection:
    """What the query asks for. Values that mean nothing here are passed over."""
    state, standing, residency, order = (
        query.get(name, "") for name in ("state", "standing", "residency", "sort")
    )
    return Selection(
        search=query.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
        state=state if state in states() else "",
        standing=standing if standing in STANDING_LABELS else IN_FORCE,
        residency=residency if residency in License.Residency.values else "",
        expires_from=_day(query.get("from", "")),
        expires_to=_day(query.get("to", "")),
        order=order if order in ORDERS else DEFAULT_ORDER,
    )


def _day(asked: str) -> date | None:
    try:
        return date.fromisoformat(asked)
    except ValueError:
        return None


def query_of(selection: Selection, **more: str) -> str:
    """The query that asks for the selection, with its question mark; `more` are places of paging."""
    query = QueryDict(mutable=True)
    asked = {
        "q": selection.search,
        "state": selection.state,
        "standing": selection.standing if selection.standing != IN_FORCE else "",
        "residency": selection.residency,
        "from": selection.expires_from.isoformat() if selection.expires_from else "",
        "to": selection.expires_to.isoformat() if selection.expires_to else "",
        "sort": selection.order if selection.order != DEFAULT_ORDER else "",
        **more,
    }
    query.update({name: value for name, value in asked.items() if value})
    return f"?{query.urlencode()}"


def chips(selection: Selection) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    found: list[tuple[str, Selection]] = []
    if selection.search:
        found.append((f"“{selection.search}”", replace(selection, search="")))
    if selection.state:
        found.append((states()[selection.state], replace(selection, state="")))
    if selection.standing != IN_FORCE:
        found.append((STANDING_LABELS[selection.standing], replace(selection, standing=IN_FORCE)))
    if selection.residency:
        found.append((License.Residency(selection.residency).label, replace(selection, residency="")))
    if selection.expires_from or selection.expires_to:
        found.append((_days(selection), replace(selection, expires_from=None, expires_to=None)))
    return [Chip(label, query_of(without)) for label, without in found]


def _days(selection: Selection) -> str:
    first, last = (
        in_format(day, "M j, Y") if day else "" for day in (selection.expires_from, selection.expires_to)
    )
    if first and last:
        return f"Expires {first} – {last}"
    return f"Expires from {first}" if first else f"Expires up to {last}"


def heading(selection: Selection, label: str, first: str) -> Heading:
    """The heading of a column: one click orders by it, the next turns the order round where it can be."""
    turned = f"-{first}" if f"-{first}" in ORDERS else first
    to = turned if selection.order == first else first
    standing = {first: "ascending", f"-{first}": "descending"}.get(selection.order, "")
    return Heading(label, query_of(replace(selection, order=to)), standing)
