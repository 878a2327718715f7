"""Requesting appointments, many at a time."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone
from ninja import Field, Router, Schema, Status

from muster.access.permissions import Permission
from muster.api.access import ApiRequest, Token
from muster.api.keys import IdempotencyKey, operation_id_of, params_of, require_same
from muster.api.operations import OperationOut, told
from muster.api.problems import answers
from muster.api.values import Text, Told
from muster.core.words import states
from muster.imports.requesting import AppointmentRequest, request_appointments

router = Router(tags=["appointment requests"])

PURPOSE = "appointment-requests"
MOST_REQUESTS = 5_000
MOST_COMPANIES = 100

States = Annotated[list[Text], Field(min_length=1, max_length=len(states()))]
Words = Annotated[list[Text], Field(min_length=1, max_length=MOST_COMPANIES)]


class RequestIn(Told):
    """One request: it fans out to a transaction for each state, company and line.

    `categories` are accepted values, or names of lines. `left_out` are lines that are not wanted. `reference`
    is yours: it comes back with the result.
    """

    npn: Text
    states: States
    cocodes: Words
    categories: Words
    agent_type: Text = ""
    submit: bool = False
    submit_just_in_time: bool = False
    county: Text = ""
    appointment_type: Text = ""
    effective_on: Text = ""
    left_out: Annotated[list[Text], Field(max_length=MOST_COMPANIES, default_factory=list)]
    reference: Text = ""

    def asked(self) -> AppointmentRequest:
        """As all the ways in take it."""
        return AppointmentRequest(
            npn=self.npn,
            states=self.states,
            cocodes=self.cocodes,
            categories=self.categories,
            agent_type=self.agent_type,
            submit=self.submit,
            submit_just_in_time=self.submit_just_in_time,
            county=self.county,
            appointment_type=self.appointment_type,
            effective_on=self.effective_on,
            left_out=self.left_out,
            source=self.reference,
        )


class RequestsIn(Told):
    """What is requested together."""

    requests: Annotated[list[RequestIn], Field(min_length=1, max_length=MOST_REQUESTS)]


class Started(Schema):
    """The operation that does it."""

    operation: OperationOut


@router.post(
    "",
    response={**answers(202, Started, 400, 409, 413, 415), 200: Started},
    auth=Token(Permission.PREPARE_FILINGS),
    url_name="appointment-requests",
    operation_id="request_appointments",
    summary="Request appointments",
)
def request(request: ApiRequest, asked: RequestsIn, idempotency_key: IdempotencyKey) -> Status[Started]:
    """Request appointments. Answers an operation to poll: 202 while it is at work, 200 once it is done.

    The same key with the same body is the same operation, however often it is sent.
    """
    body = asked.model_dump()
    operation = request_appointments(
        by=request.auth,
        requests=[one.asked() for one in asked.requests],
        operation_id=operation_id_of(request.auth, PURPOSE, idempotency_key),
        now=timezone.now(),
        params=params_of(body),
    )
    require_same(operation, body)
    answer = Started(operation=told(operation, request))
    return Status(200 if answer.operation.done else 202, answer)
