"""The history in the address bar: what its query asks for, and links that ask for something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import QueryDict

from muster.console.changes.labels import day, state_name
from muster.core.words import states
from muster.history.models import Change
from muster.history.queries import ChangeSelection

LONGEST_NPN = 20


def selection_of(query: QueryDict) -> ChangeSelection:
    """What the query asks for. Values that mean nothing here are passed over."""
    state = query.get("state", "")
    return ChangeSelection(
        kinds=_known(query.getlist("kind"), Change.Kind.values),
        verbs=_known(query.getlist("verb"), Change.Verb.values),
        state=state if state in states() else "",
        from_day=_day(query.get("from", "")),
        to_day=_day(query.get("to", "")),
        npn=_npn(query.get("npn", "")),
    )


def _known(asked: list[str], known: list[str]) -> tuple[str, ...]:
    return tuple(value for value in known if value in asked)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _npn(text: str) -> str:
    # What is no number is asked for all the same: nobody has it, and the list is empty.
    text = text.replace("\0", "").strip()[:LONGEST_NPN]
    return text.lstrip("0") if text.strip("0") else text


def query_of(selection: ChangeSelection, **more: str | None) -> str:
    """The query that asks for the selection, with its question mark; `more` are places of paging."""
    query = QueryDict(mutable=True)
    query.setlist("kind", list(selection.kinds))
    query.setlist("verb", list(selection.verbs))
    told = {
        "state": selection.state,
        "from": selection.from_day.isoformat() if selection.from_day else "",
        "to": selection.to_day.isoformat() if selection.to_day else "",
        "npn": selection.npn,
        **more,
    }
    query.update({name: value for name, value in told.items() if value})
    return f"?{query.urlencode()}"


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the query without it."""

    label: str
    url: str


def chips(selection: ChangeSelection) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for kind in selection.kinds:
        rest = tuple(other for other in selection.kinds if other != kind)
        found.append((Change.Kind(kind).label, {"kinds": rest}))
    for verb in selection.verbs:
        rest = tuple(other for other in selection.verbs if other != verb)
        found.append((Change.Verb(verb).label, {"verbs": rest}))
    if selection.state:
        found.append((state_name(selection.state), {"state": ""}))
    if selection.from_day:
        found.append((f"From {day(selection.from_day)}", {"from_day": None}))
    if selection.to_day:
        found.append((f"Until {day(selection.to_day)}", {"to_day": None}))
    if selection.npn:
        found.append((f"NPN {selection.npn}", {"npn": ""}))
    return [Chip(label, query_of(replace(selection, **change))) for label, change in found]
