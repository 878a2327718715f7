"""Ending appointments: what is on file to end, what it costs, and writing it as batches and transactions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from muster.appointments.models import Appointment
from muster.bulk.store import as_json
from muster.core.appointing import Forecast
from muster.core.eligibility import Person
from muster.core.fees import estimate_termination
from muster.core.rules.reasons import termination_reasons
from muster.core.terminating import Answer, Asked, Ending, Listed, StateTerms, answer, state_terms
from muster.core.transactions import BatchState, Status, TransactionKind
from muster.transactions.facts import listed_of, people_of
from muster.transactions.models import Transaction
from muster.transactions.settling import take_effect
from muster.transactions.sql import statement
from muster.transactions.terms import Setup
from muster.transactions.writing import (
    BATCH_COLUMNS,
    BATCH_TYPES,
    TRANSACTION_COLUMNS,
    TRANSACTION_TYPES,
    Written,
)

KIND = TransactionKind.TERMINATION

ENDING_COLUMNS = f"{TRANSACTION_COLUMNS}, termination_reason, for_cause, request_note"
ENDING_TYPES = (*TRANSACTION_TYPES, "text", "bool", "text")


@dataclass(frozen=True, slots=True)
class Priced:
    """An appointment that is to end, with the fees in cents; None is unknown."""

    ending: Ending
    state_fee: int | None
    registry_fee: int | None

    @property
    def status(self) -> Status:
        """Where its transaction begins."""
        return Status.READY if self.ending.is_filed else Status.RECORDED


@dataclass(frozen=True, slots=True)
class Ends:
    """A request to end appointments, and what it comes to."""

    asked: Asked
    answer: Answer
    priced: tuple[Priced, ...]


class Desk:
    """Answers requests to end appointments, for one organization on one day. Terms and fees are kept."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._terms: dict[tuple[str, date | None], StateTerms] = {}
        self._fees: dict[tuple[object, ...], int | None] = {}

    def answer_all(self, asked: Sequence[Asked], *, apart: bool = False) -> list[Ends]:
        """What each of these requests comes to, in their order; a constant number of queries.

        What one of them is to end is not ended again by those after it, unless each is looked at `apart`.
        """
        ids = sorted({one.producer_id for one in asked})
        states = sorted({state for one in asked for state in one.states})
        cocodes = sorted({cocode for one in asked for cocode in one.cocodes})
        listed = listed_of(ids, states=states, cocodes=cocodes)
        people = people_of(ids, states=states, cocodes=cocodes, kind=KIND)
        found: list[Ends] = []
        for one in asked:
            ends = self._answer(one, listed[one.producer_id], people[one.producer_id])
            found.append(ends)
            if not apart:
                gone = {ending.listed.id for ending in ends.answer.endings}
                # It has no number yet.
                listed[one.producer_id] = [
                    kept._replace(ended_by=0) if kept.id in gone else kept for kept in listed[one.producer_id]
                ]
        return found

    def _answer(self, asked: Asked, listed: Sequence[Listed], person: Person) -> Ends:
        terms = {state: self._terms_of(state, asked.on) for state in asked.states}
        found = answer(asked, listed, terms, self._setup.settings.termination_reasons)
        return Ends(asked, found, tuple(self._priced(ending, person) for ending in found.endings))

    def _terms_of(self, state: str, on: date | None) -> StateTerms:
        if (state, on) not in self._terms:
            self._terms[state, on] = state_terms(self._setup.book, state, on, self._setup.today)
        return self._terms[state, on]

    def _priced(self, ending: Ending, person: Person) -> Priced:
        one = ending.listed
        is_resident = any(license.is_resident for license in person.by_state.get(one.state, ()))
        company = self._setup.terms.companies.get(one.cocode)
        key = (one.state, is_resident, person.is_firm, company.domicile if company else "")
        if key not in self._fees:
            self._fees[key] = estimate_termination(
                self._setup.book,
                state=one.state,
                residency="resident" if is_resident else "nonresident",
                entity="agency" if person.is_firm else "individual",
                appointment_type="",
                domicile=company.domicile if company else "",
                on=self._setup.today,
            ).cents
        if not ending.is_filed:
            return Priced(ending, 0, 0)
        return Priced(ending, self._fees[key], self._setup.settings.registry_fee)


def write_endings(
    found: Iterable[Ends],
    *,
    setup: Setup,
    operation_id: UUID | None,
    by_id: int | None,
    now: datetime,
) -> dict[int, Written]:
    """Write what requests come to in the caller's transaction; say what became of each, by its row number.

    One batch for each request, state and company. The producers must be locked by the caller. Three
    statements, and those with which recorded ends take effect.
    """
    written: dict[int, Written] = {}
    batches: list[tuple[Asked, list[Priced]]] = []
    for one in found:
        written[one.asked.row_no] = Written()
        by_place: dict[tuple[str, str], list[Priced]] = defaultdict(list)
        for priced in one.priced:
            by_place[priced.ending.listed.state, priced.ending.listed.cocode].append(priced)
        batches += [(one.asked, some) for some in by_place.values()]
    if not batches:
        return written
    with connection.cursor() as cursor:
        count = sum(len(some) for _, some in batches)
        cursor.execute(
            statement("take_numbers"),
            {"organization": setup.organization_id, "batches": len(batches), "transactions": count},
        )
        last_batch, last = cursor.fetchone()
        cursor.execute(statement("take_batch_ids"), [len(batches)])
        ids = [batch_id for (batch_id,) in cursor.fetchall()]
        with cursor.copy(f"COPY transactions_batch ({BATCH_COLUMNS}) FROM STDIN") as copy:
            copy.set_types(BATCH_TYPES)
            for place, ((asked, some), batch_id) in enumerate(zip(batches, ids, strict=True), start=1):
                number = last_batch - len(batches) + place
                copy.write_row(_batch(asked, some, batch_id, number, setup, operation_id, by_id))
        number = last - count
        with cursor.copy(f"COPY transactions_transaction ({ENDING_COLUMNS}) FROM STDIN") as copy:
            copy.set_types(ENDING_TYPES)
            for (asked, some), batch_id in zip(batches, ids, strict=True):
                became = written[asked.row_no]
                for priced in some:
                    number += 1
                    became.first = became.first or number
                    became.statuses[priced.status.value] += 1
                    copy.write_row(_transaction(asked, priced, batch_id, number, setup, by_id, now))
    if any(became.statuses[Status.RECORDED.value] for became in written.values()):
        recorded = Transaction.objects.filter(batch__in=ids, status=Status.RECORDED)
        take_effect(
            ids=list(recorded.order_by("id").values_list("id", flat=True)),
            origin=Appointment.Origin.INTERNAL.value,
            source=None,
            now=now,
        )
    return written


def _batch(
    asked: Asked,
    some: Sequence[Priced],
    batch_id: int,
    number: int,
    setup: Setup,
    operation_id: UUID | None,
    by_id: int | None,
) -> tuple[Any, ...]:
    ending = some[0].ending
    waits = any(priced.status is Status.READY for priced in some)
    return (
        batch_id,
        setup.organization_id,
        number,
        KIND.value,
        (BatchState.DRAFT if waits else BatchState.DONE).value,
        asked.producer_id,
        ending.listed.state,
        ending.listed.cocode,
        ending.listed.company_name,
        as_json(
            {
                "state": ending.listed.state,
                "cocode": ending.listed.cocode,
                "lines": asked.lines,
                "effective_on": str(ending.on) if ending.on else None,
            }
        ),
        as_json({"today": str(setup.today)}),
        None,
        None,
        setup.book.short_version,
        operation_id,
        asked.row_no,
        by_id,
    )


def _transaction(
    asked: Asked,
    priced: Priced,
    batch_id: int,
    number: int,
    setup: Setup,
    by_id: int | None,
    now: datetime,
) -> tuple[Any, ...]:
    one = priced.ending.listed
    return (
        setup.organization_id,
        batch_id,
        number,
        KIND.value,
        priced.status.value,
        "",
        "[]",
        asked.producer_id,
        one.state,
        one.cocode,
        one.company_name,
        one.line_code,
        one.line_name,
        [],
        "",
        None,
        "",
        one.county,
        "",
        priced.ending.on,
        False,
        priced.state_fee,
        priced.registry_fee,
        by_id,
        None,
        None,
        None,
        now if priced.status is Status.RECORDED else None,
        # As the registry names it.
        termination_reasons().get(priced.ending.reason, priced.ending.reason),
        asked.for_cause,
        asked.note,
    )


class Tally:
    """Adds up what requests to end appointments come to. `requests` counts those that end any."""

    def __init__(self) -> None:
        self.requests = 0
        self._statuses: Counter[str] = Counter()
        self._fees: Counter[str] = Counter()

    def add(self, ends: Ends) -> None:
        """Count one request in."""
        self.requests += bool(ends.priced)
        for one in ends.priced:
            self._statuses[one.status.value] += 1
            self._fees["state_fee"] += one.state_fee or 0
            self._fees["registry_fee"] += one.registry_fee or 0
            self._fees["unknown"] += None in (one.state_fee, one.registry_fee)
            self._fees["state_unknown"] += one.state_fee is None
            self._fees["registry_unknown"] += one.registry_fee is None

    @property
    def forecast(self) -> Forecast:
        """What it comes to; nothing of it goes to the registry by itself."""
        return Forecast(
            statuses=dict(self._statuses),
            reasons={},
            state_fee=self._fees["state_fee"],
            registry_fee=self._fees["registry_fee"],
            unknown=self._fees["unknown"],
            released=0,
            released_fees=0,
            waiting=0,
            unchanged=0,
            state_unknown=self._fees["state_unknown"],
            registry_unknown=self._fees["registry_unknown"],
        )
