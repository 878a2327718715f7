"""Reading what is known of many producers, with a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from muster.core.scorecard import Action, Facts, HeldAppointment, HeldLicense, HeldLine
from muster.scorecards.sql import statement

Words = tuple[str, ...]
REMEMBERED = 16_384


class Known(NamedTuple):
    """What is on record of a producer: the facts, and each appointment's health and risks as written last.

    `facts` holds lists that are filled while they are read.
    """

    facts: Facts
    healths: list[tuple[str, str]]


def known_of(was_synced: Mapping[int, bool]) -> dict[int, Known]:
    """What is known of each of these producers, by id; three queries."""
    licenses: dict[int, list[HeldLicense]] = {producer_id: [] for producer_id in was_synced}
    appointments: dict[int, list[HeldAppointment]] = {producer_id: [] for producer_id in was_synced}
    actions: dict[int, list[Action]] = {producer_id: [] for producer_id in was_synced}
    healths: dict[int, list[Any]] = {producer_id: [] for producer_id in was_synced}
    asked = {"ids": list(was_synced), "zone": timezone.get_current_timezone_name()}
    with connection.cursor() as cursor:
        for *license, codes, names, statuses, producer_id in _rows(cursor, "licenses", asked):
            lines = _lines(tuple(codes), tuple(names), tuple(statuses)) if codes else ()
            licenses[producer_id].append(HeldLicense._make((*license, lines)))
        for row in _rows(cursor, "appointments", asked):
            appointments[row[0]].append(HeldAppointment._make(row[1:9]))
            healths[row[0]].append(row[9:])
        for producer_id, state, on in _rows(cursor, "actions", asked):
            actions[producer_id].append(Action(state, on))
    return {
        one: Known(Facts(is_synced, licenses[one], appointments[one], actions[one]), healths[one])
        for one, is_synced in was_synced.items()
    }


@lru_cache(maxsize=REMEMBERED)
def _lines(codes: Words, names: Words, statuses: Words) -> tuple[HeldLine, ...]:
    # Most licenses of a state have the same few lines.
    return tuple(map(HeldLine, codes, names, statuses))


def _rows(cursor: Any, name: str, asked: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    cursor.execute(statement(name), asked)
    rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return rows
