"""For whom an organization may tell a value of its own, and what it says beside the value."""

from __future__ import annotations

from muster.core.rules.book import Rulebook
from muster.core.rules.keys import FEES
from muster.core.rules.rule import Strand

FOR_EVERYBODY: Strand = ()
BY_RESIDENCY: tuple[Strand, ...] = ((("residency", "resident"),), (("residency", "nonresident"),))


def cases(book: Rulebook, state: str, topic: str, key: str) -> tuple[Strand, ...]:
    """The cases for which a value may be told: everybody first, then those that the book tells apart.

    An own value takes the place of a told one of the very same case. One for a case that only overlaps would
    stand beside it, and nobody could say which of the two holds; so there are no others. Fees may always be
    told for residents and nonresidents.
    """
    told = [rule.strand for rule in book.history(state, topic, key)]
    return tuple(dict.fromkeys((FOR_EVERYBODY, *told, *(BY_RESIDENCY if topic == FEES else ()))))


def beside(topic: str, key: str) -> tuple[str, ...]:
    """The further fields that an own value of the key may have, beside those that say for whom it is."""
    if topic == FEES:
        return ("basis",)
    return ("counts_from",) if key == "deadline_days" else ()
