"""Answering requests for appointments over many producers: the same for a preview and for what is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from muster.core.appointing import Answer, Asked, Desk, Policy, Tally
from muster.transactions.facts import answered_of, people_of
from muster.transactions.terms import Setup

SLICE = 2_000
"""So many answers, or one request if it has more, are worked out and written at a time."""


def desk_of(setup: Setup, *, may_release: bool = True, may_release_asked: bool = True) -> Desk:
    """The desk that answers the organization's requests.

    `may_release`: whether anything may go to the registry by itself; `may_release_asked`: whether it may
    because the request says so, which takes the right to release filings.
    """
    policy = Policy(
        auto_submit=setup.settings.auto_submit_bulk_appointments,
        registry_fee=setup.settings.registry_fee,
        may_release=may_release,
        may_release_asked=may_release_asked,
    )
    return Desk(terms=setup.terms, book=setup.book, policy=policy, today=setup.today)


def in_slices(asked: Iterable[Asked]) -> Iterator[list[Asked]]:
    """Requests a slice at a time, those of a producer together; they must come in the order of producers."""
    slice_: list[Asked] = []
    parts = 0
    for _, of_producer in groupby(asked, key=attrgetter("producer_id")):
        some = list(of_producer)
        more = sum(one.parts for one in some)
        if slice_ and parts + more > SLICE:
            yield slice_
            slice_, parts = [], 0
        slice_ += some
        parts += more
    if slice_:
        yield slice_


def answers_to(desk: Desk, asked: Sequence[Asked]) -> Iterator[Answer]:
    """The answers to a slice of requests, six queries; who writes them locks their producers before."""
    ids = sorted({one.producer_id for one in asked})
    states = {state for one in asked for state in one.states}
    cocodes = {cocode for one in asked for cocode in one.cocodes}
    people = people_of(ids, states=states, cocodes=cocodes)
    digests = {
        desk.in_state(one, state).digest(state, cocode)
        for one in asked
        for state in one.states
        for cocode in one.cocodes
    }
    answered = answered_of(ids, digests)
    for one in asked:
        # A producer that was removed meanwhile is asked for in vain; the row's own check says so.
        if person := people.get(one.producer_id):
            yield from desk.answer(one, person, answered.get(one.producer_id, {}))


def tally_of(desk: Desk, asked: Iterable[Asked]) -> Tally:
    """What requests would come to, in the order of producers; nothing is written."""
    tally = Tally()
    for some in in_slices(asked):
        for answer in answers_to(desk, some):
            tally.add(answer)
    return tally
