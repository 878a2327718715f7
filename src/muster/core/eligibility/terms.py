"""What an organization has set up and what its states demand: what a verdict rests on, but the producer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from muster.core.eligibility.plan import Plan, make_plan


class CompanyState(NamedTuple):
    """That a company appoints in a state, and how."""

    just_in_time: bool = False
    auto_submit: bool = False
    license_id: str = ""
    assignment_required: bool = False
    starts_on: date | None = None
    ends_on: date | None = None

    def holds(self, today: date) -> bool:
        """Whether it is in force."""
        return (self.starts_on is None or self.starts_on <= today) and (
            self.ends_on is None or today <= self.ends_on
        )


class CompanyTerms(NamedTuple):
    """A company, and the states in which it appoints."""

    id: int
    cocode: str
    name: str
    categories: frozenset[str]
    states: Mapping[str, CompanyState] = {}
    fein: str = ""
    domicile: str = ""
    creates_internal: bool = True
    assignment_required: bool = False


class BusinessLine(NamedTuple):
    """An active business rule: a line of authority, and the license class that carries it."""

    line_code: str
    line_name: str
    categories: frozenset[str]
    class_code: str = ""
    class_name: str = ""


NOTHING_APART: Mapping[str, bool | None] = MappingProxyType({})


class StateRule(NamedTuple):
    """What a state demands. What is not known is None, and refuses nothing.

    `files`: whether it files appointments, or leaves a register to the company. `just_in_time`: whether one
    may wait for the first business; `just_in_time_of` says so for categories told apart. `types` are those of
    appointment, of which a filing names one. `takes_date` is false where the day of processing counts,
    whatever is asked for. `rules` are the ids of the values that this rests on.
    """

    files: bool | None = None
    appoints_agencies: bool | None = None
    appoints_individuals: bool | None = None
    just_in_time: bool | None = None
    just_in_time_of: Mapping[str, bool | None] = NOTHING_APART
    needs_county: bool = False
    types: tuple[str, ...] = ()
    takes_date: bool | None = None
    rules: tuple[str, ...] = ()

    def may_wait(self, categories: Iterable[str]) -> bool | None:
        """Whether an appointment for a line of these categories may wait for the first business."""
        told = {self.just_in_time_of.get(category, self.just_in_time) for category in categories}
        return False if False in told else None if None in told else True


class Terms:
    """All of an organization on a day. `lines` are the active business rules of each state.

    Plans are kept, so one object serves a whole file; it is never changed.
    """

    def __init__(
        self,
        *,
        today: date,
        companies: Iterable[CompanyTerms],
        lines: Mapping[str, Sequence[BusinessLine]],
        rules: Mapping[str, StateRule],
        assignment_required: bool = False,
    ) -> None:
        self.today = today
        self.companies = {company.cocode: company for company in companies}
        self.lines = lines
        self.rules = rules
        self.assignment_required = assignment_required
        self._plans: dict[tuple[str, str, tuple[str, ...], str], Plan] = {}

    def plan(self, *, state: str, cocode: str, categories: tuple[str, ...], agent_type: str) -> Plan:
        """The lines that a request fans out to, with all that can be judged without a producer."""
        key = (state, cocode, categories, agent_type)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = make_plan(self, *key)
        return plan
