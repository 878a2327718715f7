"""Requests for appointments and their answers: what would be filed, at what cost, and why not the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import md5
from typing import NamedTuple
from uuid import UUID

from muster.core.eligibility import Appointed, Failure, Opened, Person, Plan, Terms, Verdict, judge
from muster.core.fees import Fee, estimate_appointment
from muster.core.lines import folded
from muster.core.rules.book import Rulebook
from muster.core.transactions import Status

NO_LINES: frozenset[str] = frozenset()


class Asked(NamedTuple):
    """One request: a producer, and the states, companies and categories for which it is to be appointed.

    `left_out` are names of lines that are not wanted. `row_no` tells the requests of an operation apart.
    """

    row_no: int
    producer_id: int
    states: tuple[str, ...]
    cocodes: tuple[str, ...]
    categories: tuple[str, ...]
    agent_type: str = "producer"
    submit: bool = False
    submit_just_in_time: bool = False
    county: str = ""
    appointment_type: str = ""
    effective_on: date | None = None
    left_out: tuple[str, ...] = ()

    @property
    def parts(self) -> int:
        """How many answers it gets: one a state and company."""
        return len(self.states) * len(self.cocodes)

    def digest(self, state: str, cocode: str) -> UUID:
        """The same for the same request, in whatever order its lists are written."""
        told = (
            *(state, cocode, self.agent_type, self.county.casefold(), self.appointment_type),
            str(self.effective_on or ""),
            ",".join(sorted(self.categories)),
            "|".join(sorted(map(folded, self.left_out))),
        )
        return UUID(md5("\0".join(told).encode(), usedforsecurity=False).hexdigest())


class Line(NamedTuple):
    """One line of an answer, as a transaction: its verdict, its fees in cents (None: unknown), its release.

    What is not eligible costs nothing. `wants`: the request, or a setting, would have it go to the registry
    by itself; `released`: it does.
    """

    verdict: Verdict
    state_fee: int | None
    registry_fee: int | None
    released: bool
    wants: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request in one state for one company: one batch, a transaction a line.

    `is_new` is false where the same request had the same answer before: then there is nothing to do.
    """

    asked: Asked
    person: Person
    plan: Plan
    lines: tuple[Line, ...]
    request_digest: UUID
    verdict_digest: UUID
    is_new: bool


def held_back(answer: Answer) -> Answer:
    """The answer with nothing of it going to the registry by itself."""
    return replace(answer, lines=tuple(line._replace(released=False) for line in answer.lines))


@dataclass(frozen=True, slots=True)
class Policy:
    """What an organization does with answers. `registry_fee` is in cents, None where it is unknown.

    `auto_submit` is the organization's switch; `may_release` is whether anything may go out by itself now,
    and `may_release_asked` whether it may because a request says so, and not a setting.
    """

    auto_submit: bool = False
    registry_fee: int | None = None
    may_release: bool = True
    may_release_asked: bool = True


class Desk:
    """Answers requests, one after the other, for one organization on one day. Fees once found are kept."""

    def __init__(self, *, terms: Terms, book: Rulebook, policy: Policy, today: date) -> None:
        self.terms = terms
        self.book = book
        self.policy = policy
        self.today = today
        self.made = 0
        self._fees: dict[tuple[str, ...], Fee] = {}

    def in_state(self, asked: Asked, state: str) -> Asked:
        """The request as the state takes it: without a county, type or date that it has no use for."""
        rule = self.terms.rules[state]
        if (
            (rule.needs_county or not asked.county)
            and (rule.types or not asked.appointment_type)
            and (rule.takes_date is not False or asked.effective_on is None)
        ):
            return asked
        return asked._replace(
            county=asked.county if rule.needs_county else "",
            appointment_type=asked.appointment_type if rule.types else "",
            effective_on=None if rule.takes_date is False else asked.effective_on,
        )

    def answer(
        self, whole: Asked, person: Person, answered: Mapping[UUID, UUID | None] = {}
    ) -> Iterator[Answer]:
        """The answers to a request, state by state and company by company.

        `answered` are the digests of earlier requests of this producer and of what they came to. What is to
        be filed counts as open from then on; until it has a number, its number is that of -1, -2, ...
        """
        left_out = frozenset(map(folded, whole.left_out)) if whole.left_out else NO_LINES
        for state in whole.states:
            asked = self.in_state(whole, state)
            for cocode in asked.cocodes:
                plan = self.terms.plan(
                    state=state, cocode=cocode, categories=asked.categories, agent_type=asked.agent_type
                )
                digest = asked.digest(state, cocode)
                is_new = True
                if digest in answered:
                    verdicts = judge(
                        plan, person, today=self.today, county=asked.county, left_out=left_out,
                        apart_from=digest,
                    )  # fmt: skip
                    is_new = answered[digest] != digest_of(verdicts)
                if is_new:
                    verdicts = judge(plan, person, today=self.today, county=asked.county, left_out=left_out)
                lines = tuple(self._lines(asked, plan, person, verdicts))
                if is_new:
                    self._open(asked, plan, person, verdicts, digest)
                yield Answer(asked, person, plan, lines, digest, digest_of(verdicts), is_new)

    def _lines(self, asked: Asked, plan: Plan, person: Person, verdicts: Iterable[Verdict]) -> Iterator[Line]:
        charged = False
        for verdict in verdicts:
            if verdict.failures or verdict.license is None:
                yield Line(verdict, 0, 0, False)
                continue
            fee = self._fee(asked, plan, person, verdict.license.is_resident)
            # Where the state asks once for all lines, the first of them bears it.
            cents = 0 if charged and fee.basis == "appointment" else fee.cents
            charged = True
            if verdict.status is Status.RECORDED:
                yield Line(verdict, cents, 0, False)
            else:
                wants, goes = self._goes(asked, plan, verdict.status)
                yield Line(verdict, cents, self.policy.registry_fee, goes, wants)

    def _goes(self, asked: Asked, plan: Plan, status: Status) -> tuple[bool, bool]:
        """Whether it would go to the registry by itself, and whether it may."""
        if plan.rule.files is None:
            # Whether a state files at all is for a person to find out.
            return False, False
        is_held, setting = status is Status.HELD, plan.setting
        by_setting = self.policy.auto_submit and setting is not None and setting.auto_submit and not is_held
        wants = by_setting or (asked.submit_just_in_time if is_held else asked.submit)
        may = self.policy.may_release and (by_setting or self.policy.may_release_asked)
        return wants, wants and may

    def _fee(self, asked: Asked, plan: Plan, person: Person, is_resident: bool) -> Fee:
        domicile = plan.company.domicile if plan.company else ""
        entity = "agency" if person.is_firm else "individual"
        key = (plan.state, "R" if is_resident else "NR", entity, asked.appointment_type, domicile)
        fee = self._fees.get(key)
        if fee is None:
            fee = self._fees[key] = estimate_appointment(
                self.book,
                state=plan.state,
                residency="resident" if is_resident else "nonresident",
                entity="agency" if person.is_firm else "individual",
                appointment_type=asked.appointment_type,
                domicile=domicile,
                on=asked.effective_on or self.today,
            )
        return fee

    def _open(
        self, asked: Asked, plan: Plan, person: Person, verdicts: Iterable[Verdict], digest: UUID
    ) -> None:
        for verdict in verdicts:
            self.made += 1
            if verdict.failures or verdict.line is None or verdict.license is None:
                continue
            line = verdict.line.line
            if verdict.status is Status.RECORDED:
                person.appointed.append(
                    Appointed(0, plan.state, plan.cocode, line.line_code, line.line_name, asked.county)
                )
                continue
            person.opened.append(
                Opened(
                    -self.made,
                    plan.state,
                    plan.cocode,
                    line.line_code,
                    line.line_name,
                    asked.county,
                    verdict.license.class_code,
                    verdict.license.number,
                    digest,
                )
            )


def digest_of(verdicts: Iterable[Verdict]) -> UUID:
    """The same for the same verdicts, whatever the ids that they name."""
    told = "\n".join(
        "\0".join(
            (
                *(
                    (one.line.line.class_code, one.line.line.line_code, one.line.line.line_name)
                    if one.line
                    else ("", "", "")
                ),
                one.license.number if one.license else "",
                one.status.value if not one.failures else ",".join(failure.check for failure in one.failures),
            )
        )
        for one in verdicts
    )
    return UUID(md5(told.encode(), usedforsecurity=False).hexdigest())


class Forecast(NamedTuple):
    """What requests would come to: transactions by status and by reason, and fees in cents.

    `state_fee` and `registry_fee` add up what is known; `unknown` counts the transactions of which some fee
    is not, `state_unknown` and `registry_unknown` those of which this one is not. `released` go to the
    registry by themselves, and `released_fees` is what is known of their fees; `waiting` would, and may not.
    """

    statuses: Mapping[str, int]
    reasons: Mapping[str, int]
    state_fee: int
    registry_fee: int
    unknown: int
    released: int
    released_fees: int
    waiting: int
    unchanged: int
    state_unknown: int = 0
    registry_unknown: int = 0


class Tally:
    """Adds answers up to a forecast. `requests` counts those that come to anything new.

    The answers to a request come one after the other.
    """

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.state_fee = self.registry_fee = self.unknown = 0
        self.state_unknown = self.registry_unknown = 0
        self.released = self.released_fees = self.waiting = self.unchanged = self.requests = 0
        self._last: int | None = None

    def add(self, answer: Answer) -> None:
        """Count one answer in."""
        if not answer.is_new:
            self.unchanged += 1
            return
        if answer.lines and answer.asked.row_no != self._last:
            self.requests += 1
            self._last = answer.asked.row_no
        for line in answer.lines:
            self.statuses[line.verdict.status.value] += 1
            if line.verdict.failures:
                self.reasons[line.verdict.reason] += 1
                continue
            self.state_fee += line.state_fee or 0
            self.registry_fee += line.registry_fee or 0
            self.unknown += line.state_fee is None or line.registry_fee is None
            self.state_unknown += line.state_fee is None
            self.registry_unknown += line.registry_fee is None
            if line.released:
                self.released += 1
                self.released_fees += (line.state_fee or 0) + (line.registry_fee or 0)
            elif line.wants:
                self.waiting += 1

    @property
    def forecast(self) -> Forecast:
        """What it comes to."""
        return Forecast(
            dict(self.statuses),
            dict(self.reasons.most_common()),
            self.state_fee,
            self.registry_fee,
            self.unknown,
            self.released,
            self.released_fees,
            self.waiting,
            self.unchanged,
            self.state_unknown,
            self.registry_unknown,
        )


def number_given(params: Mapping[str, str | int], first: int) -> Mapping[str, str | int]:
    """The parameters of a failure in which a transaction just made has its number: `first` is that of -1."""
    number = params.get("transaction")
    if isinstance(number, int) and number < 0:
        return {**params, "transaction": first - number - 1}
    return params


def failures_told(failures: Iterable[Failure], first: int) -> list[list[object]]:
    """Failures as they are kept: code and parameters of each."""
    return [[failure.check.value, dict(number_given(failure.params, first))] for failure in failures]
