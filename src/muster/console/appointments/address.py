"""The list of appointments in the address bar: what its query asks for, and the links of other queries."""

from __future__ import annotations

from dataclasses import replace

from django.http import QueryDict

from muster.appointments.models import Appointment
from muster.appointments.queries import DEFAULT_ORDER, ORDERS, STANDINGS, Selection
from muster.console.appointments.words import RISK_WORDS
from muster.console.producers.address import LONGEST_SEARCH, Chip
from muster.core.words import states

STANDING_LABELS = {"in-force": "In force", "ended": "Ended"}

ORDER_LABELS = {
    "-added": "Newest first",
    "added": "Oldest first",
    "state": "State",
}

LONGEST_COCODE = 5


def selection_of(query: QueryDict) -> Selection:
    """What the query asks for. Values that mean nothing here are passed over."""
    state, health, risk, status, company, order = (
        query.get(name, "") for name in ("state", "health", "risk", "status", "company", "sort")
    )
    company = company.strip()
    is_cocode = company.isascii() and company.isdigit() and len(company) <= LONGEST_COCODE
    return Selection(
        search=query.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
        state=state if state in states() else "",
        health=health if health in Appointment.Health.values else "",
        risk=risk if risk in RISK_WORDS else "",
        standing=status if status in STANDINGS else "",
        cocode=company.zfill(LONGEST_COCODE) if is_cocode else "",
        order=order if order in ORDERS else DEFAULT_ORDER,
    )


def query_of(selection: Selection, **more: str) -> str:
    """The query that asks for the selection, with its question mark; `more` are places of paging."""
    query = QueryDict(mutable=True)
    asked = {
        "q": selection.search,
        "state": selection.state,
        "health": selection.health,
        "risk": selection.risk,
        "status": selection.standing,
        "company": selection.cocode,
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
    if selection.health:
        found.append((Appointment.Health(selection.health).label, replace(selection, health="")))
    if selection.risk:
        found.append((RISK_WORDS[selection.risk], replace(selection, risk="")))
    if selection.standing:
        found.append((STANDING_LABELS[selection.standing], replace(selection, standing="")))
    if selection.cocode:
        found.append((f"CoCode {selection.cocode}", replace(selection, cocode="")))
    return [Chip(label, query_of(without)) for label, without in found]
