"""Requests to end appointments: which they match, what the state takes, and what stands against it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from muster.core.lines import REMEMBERED, categories_of, closest_line, folded, known_lines, lines_of
from muster.core.rules.book import Rulebook
from muster.core.rules.dates import DateProblem, DateVerdict, judge_termination_date, why_refused
from muster.core.rules.keys import APPOINTING, TERMINATIONS
from muster.core.words import LOA_CATEGORIES

HELD_BACK = "TERM-W004"
"""The code of the finding that something was to be submitted at once, and waits."""


class Batching(StrEnum):
    """How the transactions of one operation are put into batches."""

    STATE_AND_COMPANY = "state-and-company"
    STATE = "state"
    COMPANY = "company"
    ONE = "one"

    def place(self, state: str, cocode: str) -> tuple[str, str]:
        """The state and the CoCode of the batch for what is filed there; empty for several."""
        by_state = self in (Batching.STATE_AND_COMPANY, Batching.STATE)
        by_company = self in (Batching.STATE_AND_COMPANY, Batching.COMPANY)
        return state if by_state else "", cocode if by_company else ""


BATCHING_LABELS: Mapping[Batching, str] = MappingProxyType(
    {
        Batching.STATE_AND_COMPANY: "One for each state and company",
        Batching.STATE: "One for each state",
        Batching.COMPANY: "One for each company",
        Batching.ONE: "All in one",
    }
)


class Asked(NamedTuple):
    """One request: the states, companies and lines of a producer for which appointments are to end.

    `lines` are categories or names of lines. `reason` is a code of `termination_reasons`, empty for the
    default of the state. `on` is None for the day on which it is filed. `appointment` is the id of the one
    that is meant, where somebody has chosen it.
    """

    row_no: int
    producer_id: int
    states: tuple[str, ...]
    cocodes: tuple[str, ...]
    lines: tuple[str, ...]
    reason: str = ""
    on: date | None = None
    for_cause: bool = False
    note: str = ""
    appointment: int | None = None


class Listed(NamedTuple):
    """An appointment on file. `ended_by` is the number of an open transaction that is to end it.

    One that `is_internal` stands in the company's own register alone: no state hears of its end.
    """

    id: int
    state: str
    cocode: str
    company_name: str
    line_code: str
    line_name: str
    county: str = ""
    is_in_force: bool = True
    ended_on: date | None = None
    ended_by: int | None = None
    is_internal: bool = False
    began_on: date | None = None


class Problem(StrEnum):
    """What may stand against ending appointments in a state. Each has its parameters."""

    LINE_UNKNOWN = "line_unknown"
    NOT_FOUND = "not_found"
    COMPANY_UNKNOWN = "company_unknown"
    ENDED = "ended"
    BEING_ENDED = "being_ended"
    REASON_REFUSED = "reason_refused"
    REASON_MISSING = "reason_missing"
    REASON_OPEN = "reason_open"
    DATE_REFUSED = "date_refused"
    DATE_IGNORED = "date_ignored"
    BEFORE_START = "before_start"
    MORE_NOT_FOUND = "more_not_found"


class Told(NamedTuple):
    """One problem of a request, with the parameters of its sentence: names and values."""

    problem: Problem
    params: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, problem: Problem, **params: str) -> Told:
        """Tell a problem with these parameters."""
        return cls(problem, tuple(params.items()))


REFUSING = frozenset(Problem) - {
    *(Problem.ENDED, Problem.BEING_ENDED, Problem.DATE_IGNORED, Problem.REASON_OPEN)
}
"""Problems for which nothing of the request is filed. After the others the rest goes on."""


class StateTerms(NamedTuple):
    """What a state demands of the end of an appointment; None, and no reasons, where nobody has told."""

    files: bool | None
    reasons: tuple[str, ...]
    reason_needed: bool | None
    date: DateVerdict
    rules: tuple[str, ...]


class Ending(NamedTuple):
    """An appointment that is to end: for which reason (its code, perhaps none), and when.

    `is_filed` is false where it is only recorded: the state keeps no register of appointments.
    """

    listed: Listed
    reason: str
    on: date | None
    is_filed: bool


class Answer(NamedTuple):
    """What a request comes to: the appointments that end, and what is told of the rest.

    Where something refuses it, nothing of it ends.
    """

    endings: tuple[Ending, ...]
    told: tuple[Told, ...]

    @property
    def is_refused(self) -> bool:
        """Whether nothing of it is filed until it is mended."""
        return any(one.problem in REFUSING for one in self.told)


def state_terms(book: Rulebook, state: str, on: date | None, today: date) -> StateTerms:
    """What a state demands of an end on a day that is filed today."""
    filing = book.at(state, APPOINTING, "filing", today)
    reasons = book.at(state, TERMINATIONS, "reasons", today)
    needed = book.at(state, TERMINATIONS, "reason_needed", today)
    return StateTerms(
        {"appointment": True, "registry": False}.get(str(filing.value)),
        reasons.value if isinstance(reasons.value, tuple) else (),
        {"yes": True, "no": False}.get(str(needed.value)),
        judge_termination_date(book, state, on, today),
        (filing.id, reasons.id, needed.id),
    )


def answer(
    asked: Asked,
    listed: Sequence[Listed],
    *,
    companies: Container[str],
    terms: Mapping[str, StateTerms],
    defaults: Mapping[str, str],
) -> Answer:
    """What a request to end a producer's appointments comes to, given those on file in its states.

    `companies` are the organization's, as CoCodes: the appointments of others are not its to end. `terms`
    are those of the request's states, for its date; `defaults` the organization's reasons by state.
    """
    foreign = [cocode for cocode in asked.cocodes if cocode not in companies]
    told = _Telling({Told.of(Problem.COMPANY_UNKNOWN, cocode=cocode): None for cocode in foreign})
    asked = asked._replace(cocodes=tuple(one for one in asked.cocodes if one not in foreign))
    if not asked.cocodes:
        return Answer((), tuple(told))
    endings: dict[int, Ending] = {}
    for state in asked.states:
        reason = asked.reason or defaults.get(state, "")
        found = list(_found(asked, state, listed, told))
        if not found:
            continue
        told |= dict.fromkeys(_demands(state, reason, terms[state]))
        for one in found:
            if one.began_on and asked.on and asked.on < one.began_on:
                place = {"state": state, "cocode": one.cocode, "line": one.line_name}
                told[Told.of(Problem.BEFORE_START, **place, began=one.began_on.isoformat())] = None
            is_filed = terms[state].files is not False and not one.is_internal
            endings[one.id] = Ending(one, reason, terms[state].date.effective_on, is_filed)
    if told.more:
        told[Told.of(Problem.MORE_NOT_FOUND, count=f"{told.more:,}")] = None
    result = Answer(tuple(endings.values()), tuple(told))
    return result._replace(endings=()) if result.is_refused else result


MOST_NOT_FOUND = 20
"""So many places without an appointment are named of a request; the others are counted."""


class _Telling(dict[Told, None]):
    """What is told of a request, each once and in order; `more` counts what was not found beyond that."""

    more = 0

    def not_found(self, place: Mapping[str, str]) -> None:
        """Tell that there is no appointment at this place."""
        told = Told.of(Problem.NOT_FOUND, **place)
        if told in self:
            return
        if sum(one.problem is Problem.NOT_FOUND for one in self) < MOST_NOT_FOUND:
            self[told] = None
        else:
            self.more += 1


def _found(asked: Asked, state: str, listed: Sequence[Listed], told: _Telling) -> Iterator[Listed]:
    """The appointments in force in the state that the request means; tells what it names in vain."""
    of_state = [one for one in listed if one.state == state]
    if asked.appointment is not None:
        chosen = [one for one in of_state if one.id == asked.appointment]
        place = dict(zip(("state", "cocode", "line"), (state, *asked.cocodes, *asked.lines), strict=True))
        yield from _in_force(chosen, place, told)
        return
    for line in asked.lines:
        matching = meant(line, state, of_state)
        if not matching and (problem := _unknown(line, state, of_state)):
            told[problem] = None
            continue
        for cocode in asked.cocodes:
            some = [one for one in matching if one.cocode == cocode]
            place = {"state": state, "cocode": cocode, "line": LOA_CATEGORIES.get(line, line)}
            yield from _in_force(some, place, told)


def _in_force(some: Sequence[Listed], place: Mapping[str, str], told: _Telling) -> Iterator[Listed]:
    """Those of the appointments that can be ended; tells where there is none, or none any more."""
    in_force = [one for one in some if one.is_in_force]
    if not some:
        told.not_found(place)
    elif not in_force:
        days = [one.ended_on.isoformat() for one in some if one.ended_on]
        told[Told.of(Problem.ENDED, **place, day=max(days, default=""))] = None
    for one in in_force:
        if one.ended_by is None:
            yield one
        else:
            told[Told.of(Problem.BEING_ENDED, **place, number=str(one.ended_by))] = None


def meant(line: str, state: str, listed: Sequence[Listed]) -> list[Listed]:
    """The appointments of a state whose line has this name or code; else those of the category.

    Where the state has a line that is called as a category is, "Life" say, only that line is meant: what
    nobody named for sure does not end.
    """
    words = _words(line, LOA_CATEGORIES.get(line, line))
    named = [one for one in listed if words & _words(one.line_name, one.line_code)]
    if named or line not in LOA_CATEGORIES or words & lines_of(state):
        return named
    return [one for one in listed if line in categories_of(one.state, "", one.line_code, one.line_name)]


@lru_cache(maxsize=REMEMBERED)
def _words(name: str, other: str) -> frozenset[str]:
    """Two names of a line as they are compared."""
    return frozenset((folded(name), folded(other)))


def _unknown(line: str, state: str, listed: Iterable[Listed]) -> Told | None:
    """That a state has no such line, with one that is close; None where it has, or where it is a category."""
    if line in LOA_CATEGORIES:
        return None
    names = lines_of(state) | {folded(one.line_name) for one in listed}
    if folded(line) in names:
        return None
    known = {one.name for one in known_lines() if one.state == state} | {one.line_name for one in listed}
    near = closest_line(line, sorted(known))
    return Told.of(Problem.LINE_UNKNOWN, state=state, line=line, near=near)


def _demands(state: str, reason: str, terms: StateTerms) -> Iterator[Told]:
    """What the state has against the reason and the date."""
    if reason and terms.reasons and reason not in terms.reasons:
        accepted = ";".join(terms.reasons)
        yield Told.of(Problem.REASON_REFUSED, state=state, reason=reason, accepted=accepted)
    elif not reason and terms.reason_needed:
        yield Told.of(Problem.REASON_MISSING, state=state, accepted=";".join(terms.reasons))
    elif not reason and terms.reason_needed is None and terms.files is not False:
        yield Told.of(Problem.REASON_OPEN, state=state)
    for one in terms.date.problems:
        if one.problem is DateProblem.IGNORED:
            yield Told.of(Problem.DATE_IGNORED, state=state)
        elif why := why_refused(one):
            yield Told.of(Problem.DATE_REFUSED, state=state, why=why)
