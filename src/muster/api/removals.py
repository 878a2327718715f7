"""Removing producers, many at a time."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils import timezone
from ninja import Field, Router, Status

from muster.access.permissions import Permission
from muster.api.access import ApiRequest, Token
from muster.api.appointment_requests import Started
from muster.api.keys import IdempotencyKey, operation_id_of, params_of, require_same
from muster.api.operations import told
from muster.api.problems import Refused, answers
from muster.api.values import Npn, Told
from muster.offboarding.removing import WHEN, RemoveProducers
from muster.offboarding.requesting import NotHere, request_removal

router = Router(tags=["removals"])

PURPOSE = "removals"
MOST_PRODUCERS = 5_000


class RemovalIn(Told):
    """Whom to remove, by NPN, and when: `now`, or `ended` for when their terminations are accepted."""

    npns: Annotated[list[Npn], Field(min_length=1, max_length=MOST_PRODUCERS)]
    when: Literal["now", "ended"] = "now"


@router.post(
    "",
    response={**answers(202, Started, 400, 409, 413, 415), 200: Started},
    auth=Token(Permission.REMOVE_PRODUCERS, on_record=RemoveProducers.name),
    url_name="removals",
    operation_id="remove_producers",
    summary="Remove producers",
)
def remove(request: ApiRequest, asked: RemovalIn, idempotency_key: IdempotencyKey) -> Status[Started]:
    """Remove producers from the organization. Answers an operation to poll: 202 while it is at work.

    An NPN of nobody who is here refuses the whole: nobody is removed then. The same key with the same body is
    the same operation, however often it is sent.
    """
    body = asked.model_dump()
    try:
        operation = request_removal(
            by=request.auth,
            npns=asked.npns,
            operation_id=operation_id_of(request.auth, PURPOSE, idempotency_key),
            now=timezone.now(),
            params={**params_of(body), WHEN: asked.when},
        )
    except NotHere as problem:
        details = [("npns", f"No producer of yours has the NPN {npn}.") for npn in problem.npns]
        raise Refused(422, details=details, message=str(problem)) from None
    require_same(operation, body)
    answer = Started(operation=told(operation, request))
    return Status(200 if answer.operation.done else 202, answer)
