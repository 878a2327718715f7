"""The list of states in the address bar: what its query asks for, and how that is written."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from muster.console.lists.address import choice_in, search_in, written
from muster.console.lists.links import Chip, chips_of, quoted
from muster.console.rules.words import TOPIC_LABELS, label_of
from muster.core.rules.keys import TOPICS

KEYS = tuple(f"{topic}.{key}" for topic, keys in TOPICS.items() for key in keys)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the list. Empty means: all states.

    `search` is a piece of a state's name, or its code; `unknown` a topic and key, `topic.key`, of which
    nothing is known; `own` is yes for states of which the organization has values of its own.
    """

    search: str = ""
    unknown: str = ""
    own: str = ""

    @property
    def narrows(self) -> bool:
        """Whether it leaves any out."""
        return bool(self.search or self.unknown or self.own)


def selection_of(query: QueryDict) -> Selection:
    """What the query asks for. Values that mean nothing here are passed over."""
    return Selection(
        search=search_in(query),
        unknown=choice_in(query, "unknown", KEYS),
        own=choice_in(query, "own", ("yes",)),
    )


def query_of(selection: Selection, /, **places: str | None) -> str:
    """The query that asks for the selection, with its question mark."""
    asked = {"q": selection.search, "unknown": selection.unknown, "own": selection.own}
    return written(asked, **places)


def chips(selection: Selection) -> list[Chip]:
    """The filters that are on, each with a way to take it off."""
    return chips_of(
        selection,
        query_of,
        search=quoted,
        unknown=lambda unknown: f"Unknown: {unknown_words(unknown)}",
        own=lambda _: "With own values",
    )


def unknown_words(unknown: str) -> str:
    """A topic and key in words: "Fees, appointment"."""
    topic, key = unknown.split(".")
    return f"{TOPIC_LABELS[topic]}, {label_of(topic, key).lower()}"
