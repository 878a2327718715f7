"""A preview in words: state by state and company by company, each line with its verdict and its price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse

from muster.console.appointing.choices import Choices, Place
from muster.console.appointing.forecasts import ForecastTold, tell_forecast
from muster.console.appointing.rules import RuleTold, rules_of
from muster.core.appointing import Answer, Line, Tally
from muster.core.eligibility import Check, Failure, License, standing_of
from muster.core.findings import Finding, Severity, fix, sentence
from muster.core.transactions import number_told
from muster.core.words import LOA_CATEGORIES, states
from muster.imports.appoint_columns import COLUMNS
from muster.imports.requesting import Preview
from muster.transactions.terms import Setup

MOST_OPEN = 4
"""The lines of more states are folded up, so that the page stays short."""


class Why(NamedTuple):
    """Why a line is not eligible, in the dictionary's words, and where that which stands in the way is."""

    label: str
    url: str
    named: str


@dataclass(frozen=True, slots=True)
class VerdictTold:
    """What is to become of a line on one license: one transaction. The first of `why` is the reason."""

    status: str
    standing: str
    why: tuple[Why, ...]
    license: License | None
    line: Line


@dataclass(frozen=True, slots=True)
class LineTold:
    """A line that is asked for, with a verdict for each license; none where it is left out."""

    name: str
    code: str
    license_class: str
    categories: str
    place: str
    is_left_out: bool
    verdicts: list[VerdictTold]


@dataclass(frozen=True, slots=True)
class CompanyTold:
    """The answer for one company: one batch. It is not new where the same was answered before."""

    cocode: str
    name: str
    is_new: bool
    lines: list[LineTold]


@dataclass(frozen=True, slots=True)
class StateTold:
    """All that is asked for in a state, and what it comes to."""

    code: str
    name: str
    companies: list[CompanyTold]
    forecast: ForecastTold
    rules: list[RuleTold]
    rules_url: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with what was picked, as an instruction."""

    text: str
    fix: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class PreviewTold:
    """A preview, ready to be shown. `troubles` are by the key of the field that they are about."""

    states: list[StateTold]
    forecast: ForecastTold
    troubles: Mapping[str, list[Trouble]]
    is_refused: bool
    is_folded: bool

    @property
    def by_field(self) -> list[tuple[str, list[Trouble]]]:
        """What is wrong with each field of the form; nothing with most."""
        return [(key, self.troubles.get(key, [])) for key in PICKED]

    @property
    def refusals(self) -> list[tuple[str, Trouble]]:
        """What has to be mended, with the field where that is done."""
        return [(key, one) for key, of in self.by_field for one in of if one.is_error]

    @property
    def general(self) -> list[Trouble]:
        """What is wrong beside the fields of the form: with the producer, or with all of it."""
        return [one for key, of in self.troubles.items() if key not in PICKED for one in of]


FIELDS = {column.header: column.key for column in COLUMNS}

PICKED = ("states", "cocodes", "categories", "agent_type", "effective_on", "county", "appointment_type")
"""The fields of the form beside which it is told what is wrong with them."""


def tell(preview: Preview, choices: Choices, setup: Setup) -> PreviewTold:
    """The words for a preview."""
    by_state: dict[str, list[Answer]] = defaultdict(list)
    for answer in preview.answers:
        by_state[answer.plan.state].append(answer)
    order = {cocode: place for place, cocode in enumerate(choices.cocodes)}
    told = [
        _state(code, sorted(by_state[code], key=lambda one: order[one.plan.cocode]), choices, setup)
        for code in sorted(by_state, key=states().__getitem__)
    ]
    troubles: dict[str, list[Trouble]] = defaultdict(list)
    for found in _once(preview.findings):
        troubles[FIELDS.get(found.field or "", "")].append(
            Trouble(
                sentence(found.code, field=found.field, value=found.value, params=found.params),
                fix(found.code, field=found.field, value=found.value, params=found.params),
                found.severity is Severity.ERROR,
            )
        )
    return PreviewTold(
        told,
        tell_forecast(preview.forecast),
        dict(troubles),
        bool(preview.rejected),
        len(told) > MOST_OPEN,
    )


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    # Where lines are left out the choices come to several requests, and each has the same trouble.
    seen = set()
    for found in findings:
        key = (found.code, found.field, found.value, *sorted(found.params.items()))
        if key not in seen:
            seen.add(key)
            yield found


def _state(code: str, answers: Sequence[Answer], choices: Choices, setup: Setup) -> StateTold:
    tally = Tally()
    for answer in answers:
        tally.add(answer)
    return StateTold(
        code,
        states()[code],
        [_company(answer, choices) for answer in answers],
        tell_forecast(tally.forecast),
        rules_of(setup, code, dated=bool(choices.effective_on)),
        reverse("state-rules", args=[code]),
    )


def _company(answer: Answer, choices: Choices) -> CompanyTold:
    plan, npn = answer.plan, answer.person.npn
    left_out = choices.left_out_in(plan.state, plan.cocode)
    verdicts: dict[str, list[VerdictTold]] = defaultdict(list)
    for line in answer.lines:
        verdicts[line.verdict.line.name if line.verdict.line else ""].append(_verdict(line, npn))
    lines = []
    if whole := verdicts.get(""):
        categories = ", ".join(LOA_CATEGORIES[one] for one in plan.categories)
        lines.append(LineTold("The whole request", "", "", categories, "", False, whole))
    shown = set()
    for planned in plan.lines if not whole else ():
        if planned.name in shown:
            continue
        shown.add(planned.name)
        rule = planned.line
        # Names are told apart by semicolons where they are listed.
        can_be_left_out = ";" not in rule.line_name
        place = Place(plan.state, plan.cocode, rule.line_name).value
        lines.append(
            LineTold(
                rule.line_name,
                rule.line_code,
                rule.class_name or rule.class_code,
                ", ".join(label for code, label in LOA_CATEGORIES.items() if code in planned.wanted),
                place if can_be_left_out else "",
                planned.name in left_out,
                verdicts[planned.name],
            )
        )
    name = plan.company.name if plan.company else ""
    return CompanyTold(plan.cocode, name, answer.is_new, lines)


def _verdict(line: Line, npn: str) -> VerdictTold:
    verdict = line.verdict
    first = verdict.failures[0] if verdict.failures else None
    return VerdictTold(
        verdict.status.value,
        standing_of(verdict.status.value, verdict.reason, first.params if first else {}),
        tuple(_why(failure, npn) for failure in verdict.failures),
        verdict.license,
        line,
    )


def _why(failure: Failure, npn: str) -> Why:
    label = standing_of("", failure.check.value, failure.params)
    if failure.check is Check.ALREADY_APPOINTED:
        return Why(label, reverse("producer-detail", args=[npn]) + "#appointments", "See the appointment")
    number = failure.params.get("transaction")
    if failure.check is Check.OPEN_TRANSACTION and isinstance(number, int) and number > 0:
        return Why(label, reverse("transaction-detail", args=[number]), f"See {number_told(number)}")
    return Why(label, "", "")
