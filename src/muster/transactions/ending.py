"""Ending appointments: what is on file to end, what it costs, and writing it as batches and transactions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from muster.core.appointing import Forecast
from muster.core.fees import estimate_termination
from muster.core.terminating import Answer, Asked, Ending, Listed, StateTerms, answer, state_terms
from muster.core.transactions import Status, TransactionKind
from muster.transactions.facts import Home, homes_of, listed_of
from muster.transactions.terms import Setup

KIND = TransactionKind.TERMINATION


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
        self._ending: set[int] = set()

    def answer_all(self, asked: Sequence[Asked], *, apart: bool = False) -> list[Ends]:
        """What each of these requests comes to, in their order; a constant number of queries.

        What one of them is to end is not ended again by those after it, nor by what is asked next, unless
        each is looked at `apart`.
        """
        ids = sorted({one.producer_id for one in asked})
        states = sorted({state for one in asked for state in one.states})
        cocodes = sorted({cocode for one in asked for cocode in one.cocodes})
        homes = homes_of(ids, today=self._setup.today)
        # By state: most requests name one of the many that a producer has.
        listed: dict[tuple[int, str], list[Listed]] = defaultdict(list)
        for producer_id, some in listed_of(ids, states=states, cocodes=cocodes).items():
            for one in some:
                listed[producer_id, one.state].append(one)
        found: list[Ends] = []
        for request in asked:
            there = [one for state in request.states for one in listed[request.producer_id, state]]
            if not apart and self._ending:
                # What is to end it has no number yet.
                there = [one._replace(ended_by=0) if one.id in self._ending else one for one in there]
            ends = self._answer(request, there, homes[request.producer_id])
            found.append(ends)
            if not apart:
                self._ending |= {ending.listed.id for ending in ends.answer.endings}
        return found

    def _answer(self, asked: Asked, listed: Sequence[Listed], home: Home) -> Ends:
        terms = {state: self._terms_of(state, asked.on) for state in asked.states}
        found = answer(
            asked,
            listed,
            companies=self._setup.terms.companies,
            terms=terms,
            defaults=self._setup.settings.termination_reasons,
        )
        return Ends(asked, found, tuple(self._priced(ending, home) for ending in found.endings))

    def _terms_of(self, state: str, on: date | None) -> StateTerms:
        if (state, on) not in self._terms:
            self._terms[state, on] = state_terms(self._setup.book, state, on, self._setup.today)
        return self._terms[state, on]

    def _priced(self, ending: Ending, home: Home) -> Priced:
        if not ending.is_filed:
            return Priced(ending, 0, 0)
        one = ending.listed
        is_resident = one.state in home.states
        company = self._setup.terms.companies.get(one.cocode)
        key = (one.state, is_resident, home.is_firm, company.domicile if company else "")
        if key not in self._fees:
            self._fees[key] = estimate_termination(
                self._setup.book,
                state=one.state,
                residency="resident" if is_resident else "nonresident",
                entity="agency" if home.is_firm else "individual",
                appointment_type="",
                domicile=company.domicile if company else "",
                on=self._setup.today,
            ).cents
        return Priced(ending, self._fees[key], self._setup.settings.registry_fee)


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
