"""The history in the address bar: what its query asks for, and links that ask for something else."""

from __future__ import annotations

from django.http import QueryDict

from muster.console.changes.labels import day, state_name
from muster.console.lists.address import choices_in, day_in, state_in, written
from muster.console.lists.links import Chip, chips_of
from muster.history.models import Change
from muster.history.queries import ChangeSelection

LONGEST_NPN = 20


def selection_of(query: QueryDict) -> ChangeSelection:
    """What the query asks for. Values that mean nothing here are passed over."""
    return ChangeSelection(
        kinds=choices_in(query, "kind", Change.Kind.values),
        verbs=choices_in(query, "verb", Change.Verb.values),
        state=state_in(query),
        from_day=day_in(query, "from"),
        to_day=day_in(query, "to"),
        npn=_npn(query.get("npn", "")),
    )


def _npn(text: str) -> str:
    # What is no number is asked for all the same: nobody has it, and the list is empty.
    text = text.replace("\0", "").strip()[:LONGEST_NPN]
    return text.lstrip("0") if text.strip("0") else text


def query_of(selection: ChangeSelection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    asked = {
        "kind": selection.kinds,
        "verb": selection.verbs,
        "state": selection.state,
        "from": selection.from_day,
        "to": selection.to_day,
        "npn": selection.npn,
    }
    return written(asked, **places)


def chips(selection: ChangeSelection) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    return chips_of(
        selection,
        query_of,
        kinds=lambda kind: Change.Kind(kind).label,
        verbs=lambda verb: Change.Verb(verb).label,
        state=state_name,
        from_day=lambda first: f"From {day(first)}",
        to_day=lambda last: f"Until {day(last)}",
        npn="NPN {}".format,
    )
