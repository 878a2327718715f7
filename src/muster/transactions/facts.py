"""Reading what is known of many producers, with a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from muster.core.eligibility import Appointed, Assigned, License, Opened, Person
from muster.core.scorecard import HeldLine
from muster.core.terminating import Listed
from muster.core.transactions import TransactionKind
from muster.producers.models import Producer
from muster.transactions.sql import statement

Answered = dict[int, dict[UUID, UUID | None]]

REMEMBERED = 16_384

Words = tuple[str, ...]


def lock_producers(ids: Collection[int]) -> None:
    """Have nobody else file for these producers until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(statement("lock"), {"ids": list(ids)})


def people_of(
    ids: Collection[int],
    *,
    states: Iterable[str],
    cocodes: Iterable[str],
    kind: TransactionKind = TransactionKind.APPOINTMENT,
    apart_from: Sequence[int] = (),
) -> dict[int, Person]:
    """What is known of these producers, by id, as far as filings in these states for these companies ask.

    Transactions whose id is in `apart_from` do not count as open. Five queries.
    """
    asked: dict[str, Any] = {
        "ids": list(ids),
        "states": sorted(set(states)),
        "cocodes": sorted(set(cocodes)),
        "kind": kind.value,
        "apart_from": list(apart_from),
    }
    with connection.cursor() as cursor:
        licenses = _grouped(cursor, "licenses", asked, _license)
        appointed = _grouped(cursor, "appointments", asked, Appointed._make)
        opened = _grouped(cursor, "open", asked, Opened._make)
        assigned = _grouped(cursor, "assignments", asked, Assigned._make)
    producers = Producer.objects.filter(id__in=asked["ids"]).values_list("id", "npn", "kind")
    return {
        producer_id: Person(
            id=producer_id,
            npn=npn,
            is_firm=its_kind == Producer.Kind.FIRM,
            licenses=licenses.get(producer_id, ()),
            appointed=appointed.get(producer_id, ()),
            opened=opened.get(producer_id, ()),
            assigned=assigned.get(producer_id, ()),
        )
        for producer_id, npn, its_kind in producers
    }


def listed_of(
    ids: Collection[int], *, states: Collection[str], cocodes: Collection[str]
) -> dict[int, list[Listed]]:
    """The appointments of these producers in these states with these companies, by producer; one query."""
    found: dict[int, list[Listed]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("listed"), {"ids": list(ids), "states": list(states), "cocodes": list(cocodes)}
        )
        for producer_id, *row in cursor.fetchall():
            found[producer_id].append(Listed._make(row))
    return found


class Home(NamedTuple):
    """Where a producer is at home: the states of the resident licenses; and whether it is a firm."""

    is_firm: bool
    states: frozenset[str]


def homes_of(ids: Collection[int], *, today: date) -> dict[int, Home]:
    """Where these producers are at home on a day, by id; one query."""
    with connection.cursor() as cursor:
        cursor.execute(statement("homes"), {"ids": list(ids), "today": today})
        return {producer_id: Home(is_firm, frozenset(states)) for producer_id, is_firm, states in cursor}


def answered_of(
    ids: Collection[int], digests: Collection[UUID], *, kind: TransactionKind = TransactionKind.APPOINTMENT
) -> Answered:
    """What these requests of these producers came to last time, by producer; one query."""
    found: Answered = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("answered"), {"ids": list(ids), "digests": list(digests), "kind": kind.value}
        )
        for producer_id, request, verdict in cursor.fetchall():
            found[producer_id][request] = verdict
    return found


def _grouped(cursor: Any, name: str, asked: dict[str, Any], make: Any) -> dict[int, list[Any]]:
    cursor.execute(statement(name), asked)
    found: dict[int, list[Any]] = defaultdict(list)
    for producer_id, *row in cursor.fetchall():
        found[producer_id].append(make(row))
    return found


def _license(row: list[Any]) -> License:
    *license, codes, names, statuses = row
    lines = _lines(tuple(codes), tuple(names), tuple(statuses)) if codes else ()
    return License._make((*license, lines))


@lru_cache(maxsize=REMEMBERED)
def _lines(codes: Words, names: Words, statuses: Words) -> tuple[HeldLine, ...]:
    # Most licenses of a state have the same few lines.
    return tuple(map(HeldLine, codes, names, statuses))
