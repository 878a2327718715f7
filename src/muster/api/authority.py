"""May this producer sell this line in this state for this company today?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from ninja import Query, Router, Schema

from muster.access.permissions import Permission
from muster.api.access import ApiRequest, Token
from muster.api.problems import Refused, answers
from muster.api.values import AgentType, CoCode, Npn, StateCode, Text, Told
from muster.core.authority import Question, what_is_meant
from muster.transactions.authority import ask_authority, kept_answer

router = Router(tags=["authority"])


class AuthorityQuestion(Told):
    """What is asked. `line` is an accepted value of a category, or a line of authority by name or code."""

    npn: Npn
    state: StateCode
    cocode: CoCode
    line: Text
    agent_type: AgentType = "producer"
    on: date | None = None


class Asked(Schema):
    """What was asked, as it was understood: `category` is empty where it was a line."""

    npn: str
    state: str
    cocode: str
    line: str
    category: str
    agent_type: str


class LineOut(Schema):
    """A line of authority, in the state's own words."""

    code: str
    name: str


class LicenseOut(Schema):
    """The license on which the answer rests."""

    state: str
    number: str
    class_code: str
    class_name: str
    is_resident: bool
    is_active: bool
    expires_on: date | None


class AppointmentOut(Schema):
    """The appointment on which the answer rests; `origin` says who knows of it."""

    state: str
    cocode: str
    line_code: str
    line_name: str
    county: str
    origin: str
    first_effective_on: date | None
    renews_on: date | None


class FilingOut(Schema):
    """The transaction that stands for an appointment which may follow the first business."""

    number: str
    status: str
    first_business_on: date | None
    file_by: date | None


class Authority(Schema):
    """An answer. `may_sell` is null where nobody can tell; treat it as no.

    `fresh_as_of` is when the registry last told of the producer. By `id` the answer can be had again.
    """

    id: UUID
    may_sell: bool | None
    reason: str
    message: str
    checked_at: datetime
    rules_version: str
    fresh_as_of: datetime | None
    asked: Asked
    line: LineOut | None
    license: LicenseOut | None
    appointment: AppointmentOut | None
    transaction: FilingOut | None


class KeptAuthority(Authority):
    """An answer that was given, with the facts that were known then."""

    facts: dict[str, Any]


@router.get(
    "",
    response=answers(200, Authority, 400),
    auth=Token(Permission.READ),
    url_name="authority",
    operation_id="ask_authority",
    summary="May a producer sell a line today?",
)
def authority(request: ApiRequest, asked: Query[AuthorityQuestion]) -> Authority:
    """Whether a producer may sell a line in a state for a company today, and why. The answer is kept."""
    now = timezone.now()
    if not asked.line.strip():
        raise Refused(422, details=[("line", "This is needed, and is empty.")])
    if asked.on not in (None, timezone.localdate(now)):
        raise Refused(
            422,
            message="Only today can be answered. Leave on out; what was answered before is kept by its id.",
            details=[("on", "This is not today.")],
        )
    line, category = what_is_meant(asked.state, asked.line, asked.agent_type)
    question = Question(asked.npn, asked.state, asked.cocode, line, category, asked.agent_type)
    return Authority(**ask_authority(by=request.auth, asked=question, now=now).answer)


@router.get(
    "/{uuid:answer_id}",
    response=answers(200, KeptAuthority, 404),
    auth=Token(Permission.READ),
    url_name="authority-answer",
    operation_id="get_authority",
    summary="An answer that was given before",
)
def answer(request: ApiRequest, answer_id: UUID) -> KeptAuthority:
    """An answer that was given before, word by word, with what was known then."""
    found = kept_answer(request.auth, answer_id)
    if found is None:
        raise Http404
    return KeptAuthority(**found.answer, facts=found.facts)
