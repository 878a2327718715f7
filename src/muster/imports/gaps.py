"""Requests for the appointments that scorecards lack, where everything else that they need is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import NamedTuple

from muster.access.models import Membership
from muster.core.scorecard import Facts, GapKind, Wanted, judge
from muster.core.words import LOA_CATEGORIES
from muster.imports.requesting import AppointmentRequest
from muster.scorecards.facts import known_of
from muster.scorecards.queries import Selection, lacking_appointments

PRODUCERS = 500
"""The facts of so many producers are read at a time."""

CATEGORIES = tuple(LOA_CATEGORIES)
ASSIGNED = tuple(f"assignment__{name}" for name in Wanted._fields)


class Meant(NamedTuple):
    """What a producer is meant to sell by one assignment."""

    producer_id: int
    npn: str
    was_synced: bool
    wanted: Wanted


def requests_for_gaps(
    member: Membership, selection: Selection, *, today: date, appointment_type: str = ""
) -> Iterator[AppointmentRequest]:
    """A request a producer and state for the companies and categories that lack nothing but an appointment.

    The gaps are those of the selection. They are judged anew, by what is known now: what was closed since is
    not asked for. One query, and three for every 500 producers.
    """
    for some in _in_slices(member, selection):
        known = known_of({one.producer_id: one.was_synced for one in some})
        for producer_id, of_producer in groupby(some, key=attrgetter("producer_id")):
            yield from _requests(
                list(of_producer), known[producer_id].facts, selection.state, today, appointment_type
            )


def _in_slices(member: Membership, selection: Selection) -> Iterator[list[Meant]]:
    """The assignments with such gaps, in the order of producers, those of one together."""
    cards = lacking_appointments(member, selection).order_by("producer_id", "assignment_id")
    rows = cards.values_list("producer_id", "producer__npn", "producer__synced_at", *ASSIGNED)
    told = (
        Meant(producer_id, npn, synced_at is not None, Wanted(*wanted))
        for producer_id, npn, synced_at, *wanted in rows.iterator()
    )
    of_each = (list(of_producer) for _, of_producer in groupby(told, key=attrgetter("producer_id")))
    while some := list(islice(of_each, PRODUCERS)):
        yield list(chain.from_iterable(some))


def _requests(
    assigned: Sequence[Meant], facts: Facts, state: str, today: date, appointment_type: str
) -> Iterator[AppointmentRequest]:
    lacking: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in assigned:
        for line in judge(one.wanted, facts, today=today).lines:
            if line.gap is GapKind.APPOINTMENT_MISSING and state in ("", line.state):
                lacking[line.state, one.wanted.agent_type][line.cocode].add(line.category)
    for (in_state, agent_type), by_company in lacking.items():
        companies: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for cocode, categories in by_company.items():
            companies[tuple(sorted(categories, key=CATEGORIES.index))].append(cocode)
        for wanted, cocodes in companies.items():
            yield AppointmentRequest(
                npn=assigned[0].npn,
                states=[in_state],
                cocodes=cocodes,
                categories=wanted,
                agent_type=agent_type,
                appointment_type=appointment_type,
            )
