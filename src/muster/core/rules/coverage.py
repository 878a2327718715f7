"""How much is known of the states: computed from the rules, so that no list of it can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from muster.core.rules.book import Rulebook
from muster.core.rules.keys import TOPICS
from muster.core.rules.rule import Standing
from muster.core.words import states

BEST_FIRST = (Standing.OVERRIDDEN, Standing.REVIEWED, Standing.APPROXIMATE)


class Covered(NamedTuple):
    """How sure the best value is that is told for a key of a state."""

    state: str
    topic: str
    key: str
    standing: Standing


def coverage(book: Rulebook, on: date) -> Iterator[Covered]:
    """How each key of each jurisdiction stands on a day."""
    for state in states():
        for topic, keys in TOPICS.items():
            for key in keys:
                told = {rule.standing for rule in book.holding(state, topic, key, on)}
                best = next((one for one in BEST_FIRST if one in told), Standing.UNKNOWN)
                yield Covered(state, topic, key, best)
