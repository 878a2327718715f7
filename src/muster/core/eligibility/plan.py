"""The plan of a request: its fan-out to lines, and what can be judged without knowing the producer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from muster.core.eligibility.checks import Check, Failure
from muster.core.eligibility.facts import HeldLine, License, same_line
from muster.core.lines import agent_type_of, categories_of, folded
from muster.core.transactions import Status

if TYPE_CHECKING:
    from muster.core.eligibility.terms import BusinessLine, CompanyState, CompanyTerms, StateRule, Terms


class PlannedLine(NamedTuple):
    """One line of a plan: its business rule, the requested categories that it is in, what stands against it.

    `status` is where its transaction begins if nothing does; `name` is the line's name as it is compared.
    """

    line: BusinessLine
    wanted: frozenset[str]
    failure: Failure | None
    status: Status
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a plan sees in a license: which of its lines are held, and whether any requested category is."""

    held: frozenset[int]
    holds_any: bool


class Plan:
    """What a state, a company, categories and an agent type come to.

    `whole` failures leave one transaction for the request. `kept` holds what judging has worked out for one
    license, by what the license holds and what else stands against the request.
    """

    def __init__(
        self,
        *,
        state: str,
        cocode: str,
        categories: tuple[str, ...],
        agent_type: str,
        company: CompanyTerms | None,
        setting: CompanyState | None,
        rule: StateRule,
        lines: tuple[PlannedLine, ...],
        whole: tuple[Failure, ...],
        assignment_required: bool,
    ) -> None:
        self.state = state
        self.cocode = cocode
        self.categories = categories
        self.agent_type = agent_type
        self.company = company
        self.setting = setting
        self.rule = rule
        self.lines = lines
        self.whole = whole
        self.assignment_required = assignment_required
        self.wanted = frozenset(categories)
        self.kept: dict[tuple[Look, tuple[Check, ...], frozenset[str]], Sequence[Any]] = {}
        self._looks: dict[tuple[str, str, tuple[HeldLine, ...]], Look | None] = {}

    @property
    def is_recorded(self) -> bool:
        """Whether the state files nothing, so that the company's register is all there is."""
        return self.rule.files is False

    def look(self, license: License) -> Look | None:
        """What the license holds of this plan; None if it is not one of the agent type."""
        # Most licenses of a state have the same class and the same few lines.
        key = (license.class_code, license.class_name, license.lines)
        try:
            return self._looks[key]
        except KeyError:
            look = self._looks[key] = self._see(license)
            return look

    def _see(self, license: License) -> Look | None:
        if agent_type_of(self.state, license.class_code, license.class_name) != self.agent_type:
            return None
        active = [line for line in license.lines if folded(line.status) == "active"]
        held = frozenset(
            place
            for place, planned in enumerate(self.lines)
            if _is_class(planned.line, license)
            and any(
                same_line(planned.line.line_code, planned.line.line_name, line.code, line.name)
                for line in active
            )
        )
        holds_any = bool(held) or any(
            not categories_of(self.state, license.class_code, line.code, line.name).isdisjoint(
                self.categories
            )
            for line in active
        )
        return Look(held, holds_any)


def _is_class(rule: BusinessLine, license: License) -> bool:
    """Whether a business rule is for the class of the license; one that names no class is for all."""
    if rule.class_code and license.class_code:
        return folded(rule.class_code) == folded(license.class_code)
    return not rule.class_name or folded(rule.class_name) == folded(license.class_name)


def make_plan(terms: Terms, state: str, cocode: str, categories: tuple[str, ...], agent_type: str) -> Plan:
    """Plan what a request comes to."""
    company = terms.companies.get(cocode)
    setting = company.states.get(state) if company else None
    rule = terms.rules[state]
    whole: list[Failure] = []
    if company is None:
        whole.append(Failure(Check.COCODE_NOT_FOUND, {"cocode": cocode}))
    elif setting is None or not setting.holds(terms.today):
        whole.append(Failure(Check.STATE_NOT_SET, {"company": company.name, "state": state}))
    waits = setting is not None and setting.just_in_time
    lines: list[PlannedLine] = []
    for line in terms.lines.get(state, ()):
        wanted = line.categories.intersection(categories)
        if not wanted or (
            (line.class_name or line.class_code)
            and agent_type_of(state, line.class_code, line.class_name) != agent_type
        ):
            continue
        lacks = company is not None and wanted.isdisjoint(company.categories)
        lines.append(
            PlannedLine(
                line,
                wanted,
                Failure(Check.COMPANY_LACKS_LOA, {"categories": ";".join(sorted(wanted))}) if lacks else None,
                _good_status(rule, waits, wanted),
                folded(line.line_name),
            )
        )
    # A rule for a class comes before one for all: what rests on a license is filed under its class.
    lines.sort(key=lambda planned: not (planned.line.class_code or planned.line.class_name))
    return Plan(
        state=state,
        cocode=cocode,
        categories=categories,
        agent_type=agent_type,
        company=company,
        setting=setting,
        rule=rule,
        lines=tuple(lines),
        whole=tuple(whole),
        assignment_required=terms.assignment_required
        or (company is not None and company.assignment_required)
        or (setting is not None and setting.assignment_required),
    )


def _good_status(rule: StateRule, waits: bool, wanted: frozenset[str]) -> Status:
    if rule.files is False:
        return Status.RECORDED
    # Where the state wants the appointment before anything is sold, no setting can have it wait.
    return Status.HELD if waits and rule.may_wait(wanted) is not False else Status.READY
