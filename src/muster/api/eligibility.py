"""What would a request for appointments come to? Nothing is written."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Query, Router, Schema

from muster.access.permissions import Permission
from muster.api.access import ApiRequest, Token
from muster.api.appointment_requests import MOST_COMPANIES
from muster.api.problems import answers
from muster.api.results import RowFinding
from muster.api.transactions import FailureOut, FeesOut
from muster.api.values import Text, Told
from muster.core.appointing import Answer, Line
from muster.core.eligibility import label_of, standing_of
from muster.core.findings import Finding, fix, sentence
from muster.core.transactions import STATUS_LABELS
from muster.imports.requesting import AppointmentRequest, preview_appointments
from muster.transactions.terms import setup_of

router = Router(tags=["eligibility"])


class EligibilityQuery(Told):
    """A request, as it would be made; `category` may come several times."""

    npn: Text
    state: Text
    cocode: Text
    category: Annotated[list[Text], Field(min_length=1, max_length=MOST_COMPANIES)]
    agent_type: Text = ""
    county: Text = ""
    appointment_type: Text = ""
    effective_on: Text = ""


class LineVerdict(Schema):
    """One line: where its transaction would begin, on which license, at what cost, and what is against it.

    Without a line, it is the answer to the whole request. Fees in cents; null is unknown.
    """

    state: str
    cocode: str
    company: str
    line_code: str
    line: str
    categories: list[str]
    status: str
    status_label: str
    reason: str
    reason_label: str
    failures: list[FailureOut]
    license_number: str
    fees: FeesOut


class Eligibility(Schema):
    """What a request would come to now. `eligible` counts the lines against which nothing stands.

    Findings say why a request is refused before it fans out; then there are no lines. `unchanged`: the same
    request was made before and would get the same answer, so it would make nothing.
    """

    eligible: int
    unchanged: bool
    findings: list[RowFinding]
    lines: list[LineVerdict]
    rules_version: str


@router.get(
    "",
    response=answers(200, Eligibility, 400),
    auth=Token(Permission.READ),
    url_name="eligibility",
    operation_id="ask_eligibility",
    summary="What would a request come to?",
)
def eligibility(request: ApiRequest, asked: Query[EligibilityQuery]) -> Eligibility:
    """What if? The verdict on every line that a request would fan out to; nothing is written."""
    today = timezone.localdate()
    setup = setup_of(request.auth.organization_id, today=today)
    wanted = AppointmentRequest(
        npn=asked.npn,
        states=[asked.state],
        cocodes=[asked.cocode],
        categories=asked.category,
        agent_type=asked.agent_type,
        county=asked.county,
        appointment_type=asked.appointment_type,
        effective_on=asked.effective_on,
    )
    preview = preview_appointments(by=request.auth, requests=[wanted], today=today, setup=setup)
    lines = [(answer, line) for answer in preview.answers for line in answer.lines]
    return Eligibility(
        eligible=sum(not line.verdict.failures for _, line in lines),
        unchanged=bool(preview.answers) and not any(answer.is_new for answer in preview.answers),
        findings=[_finding(one) for one in preview.findings],
        lines=[_line(answer, line) for answer, line in lines],
        rules_version=setup.book.short_version,
    )


def _finding(one: Finding) -> RowFinding:
    words: dict[str, Any] = {"field": one.field, "value": one.value, "params": one.params}
    return RowFinding(
        code=one.code,
        severity=one.severity.value,
        field=one.field,
        value=one.value,
        message=sentence(one.code, **words),
        fix=fix(one.code, **words),
    )


def _line(answer: Answer, line: Line) -> LineVerdict:
    verdict, plan = line.verdict, answer.plan
    rule = verdict.line.line if verdict.line else None
    params = verdict.failures[0].params if verdict.failures else {}
    return LineVerdict(
        state=plan.state,
        cocode=plan.cocode,
        company=plan.company.name if plan.company else "",
        line_code=rule.line_code if rule else "",
        line=rule.line_name if rule else "",
        categories=sorted(verdict.line.wanted) if verdict.line else list(plan.categories),
        status=verdict.status.value,
        status_label=STATUS_LABELS[verdict.status],
        reason=verdict.reason,
        reason_label=standing_of(verdict.status.value, verdict.reason, params),
        failures=[
            FailureOut(code=code, label=label_of(code, params), params=dict(params))
            for code, params in ((one.check.value, one.params) for one in verdict.failures)
        ],
        license_number=verdict.license.number if verdict.license else "",
        fees=FeesOut(state=line.state_fee, registry=line.registry_fee),
    )
