"""Transactions: the list, one with why it is what it is, and what is done with it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from muster.access.permissions import Permission
from muster.api.access import ApiRequest, Token
from muster.api.appointment_requests import Started
from muster.api.keys import IdempotencyKey, operation_id_of, params_of, require_same
from muster.api.operations import told as told_operation
from muster.api.problems import Refused, answers
from muster.api.values import CoCode, Npn, StateCode, StatusCode, Text, Told
from muster.bulk.operations import GOES_ON, start_selection
from muster.core.eligibility import label_of, standing_of
from muster.core.transactions import (
    NEEDS_REASON,
    STATUS_LABELS,
    Action,
    TransactionKind,
    batch_number_told,
    number_read,
    number_told,
)
from muster.core.transactions import Status as TransactionStatus
from muster.core.values import clean_reason
from muster.lists.keyset import read_place
from muster.transactions.actions.transactions import TRANSACTION_KINDS
from muster.transactions.models import Transaction
from muster.transactions.queries import (
    Fees,
    Selection,
    order_of,
    record_of,
    transaction_page,
    visible_transactions,
)

router = Router(tags=["transactions"])

PAGE, MOST = 50, 500
OLDEST_FIRST = "added"
"""The order of the list: what is added while a program reads on comes at the end."""


class TransactionsQuery(Told):
    """Which transactions. Several statuses are alternatives; `after` is the `next` of an earlier page."""

    status: Annotated[list[StatusCode], Field(default_factory=list)]
    state: StateCode | None = None
    cocode: CoCode | None = None
    npn: Npn | None = None
    after: Text = ""
    limit: Annotated[int, Field(ge=1, le=MOST)] = PAGE


class FeesOut(Schema):
    """Fees in cents; null is unknown."""

    state: int | None
    registry: int | None


class TransactionOut(Schema):
    """One filing for one producer, state, company and line.

    `reason` is the first check that failed, empty where none did, and `reason_label` its words. `released`:
    somebody, or a rule, let it go to the registry. `fees` are estimates.
    """

    number: str
    url: str
    kind: str
    status: str
    status_label: str
    reason: str
    reason_label: str
    npn: str
    state: str
    cocode: str
    company: str
    line_code: str
    line: str
    categories: list[str]
    license_number: str
    county: str
    appointment_type: str
    effective_on: date | None
    just_in_time: bool
    first_business_on: date | None
    file_by: date | None
    released: bool
    batch: str
    fees: FeesOut
    created_at: datetime
    updated_at: datetime


class Transactions(Schema):
    """A page of transactions, the oldest first. `next` is the `after` of the next page; null on the last.

    `total` is null where there are more than 10,000.
    """

    transactions: list[TransactionOut]
    next: str | None
    total: int | None


class FailureOut(Schema):
    """A check that failed, its words, and with what it failed."""

    code: str
    label: str
    params: dict[str, Any]


class ChangeOut(Schema):
    """That it went from one status to another."""

    old: str
    new: str
    at: datetime
    by: str
    source: str
    note: str


class AttemptOut(Schema):
    """One call to the registry. One without an end was cut off."""

    verb: str
    began_at: datetime
    ended_at: datetime | None
    outcome: str
    words: str


class RegistryOut(Schema):
    """What the registry said of it."""

    id: str
    code: str
    words: str


class WhyOut(Schema):
    """What it was judged by: the request, what was known then, and the version of the rules."""

    rules_version: str
    request: dict[str, Any]
    facts: dict[str, Any]


class TerminationOut(Schema):
    """Why an appointment is to end, as the registry names it, and whether for cause; `note` says more."""

    reason: str
    for_cause: bool
    note: str


class TransactionDetail(TransactionOut):
    """A transaction with all that is kept of it. `termination` is null where it does not end anything."""

    note: str
    termination: TerminationOut | None
    failures: list[FailureOut]
    why: WhyOut
    fees_charged: FeesOut | None
    registry: RegistryOut
    history: list[ChangeOut]
    attempts: list[AttemptOut]
    retry_of: str | None
    retries: list[str]


class ActionIn(Told):
    """Why, where the action ends something."""

    reason: Text = ""


@router.get(
    "",
    response=answers(200, Transactions, 400),
    auth=Token(Permission.READ),
    url_name="transactions",
    operation_id="list_transactions",
    summary="List transactions",
)
def transactions(request: ApiRequest, asked: Query[TransactionsQuery]) -> Transactions:
    """The transactions that match, a page at a time, the oldest first."""
    selection = Selection(
        statuses=tuple(dict.fromkeys(asked.status)),
        state=asked.state or "",
        cocode=asked.cocode or "",
        producer=asked.npn or "",
        order=OLDEST_FIRST,
    )
    rows = visible_transactions(request.auth)
    if asked.after and read_place(asked.after, rows=rows, order=order_of(selection)) is None:
        raise Refused(422, details=[("after", "This is not the next of an earlier page.")])
    found = transaction_page(
        request.auth, selection, today=timezone.localdate(), after=asked.after, size=asked.limit
    )
    if asked.after and found.page.previous is None:
        # Nothing is left beyond: a list for people begins anew then, and a program would read for ever.
        return Transactions(transactions=[], next=None, total=found.page.total)
    return Transactions(
        transactions=[TransactionOut(**told(one)) for one in found.transactions],
        next=found.page.next,
        total=found.page.total,
    )


@router.get(
    "/{number}",
    response=answers(200, TransactionDetail, 404),
    auth=Token(Permission.READ),
    url_name="transaction",
    operation_id="get_transaction",
    summary="One transaction, and why it is what it is",
)
def transaction(request: ApiRequest, number: str) -> TransactionDetail:
    """One transaction by its number, as GT-00000001 or 1, with why it is what it is."""
    one = transaction_of(request, number)
    record = record_of(one, request.auth)
    return TransactionDetail(
        **told(one),
        note=one.note,
        failures=[
            FailureOut(code=code, label=label_of(code, params), params=dict(params))
            for code, params in record.failures.items()
        ],
        termination=_termination(one),
        why=WhyOut(rules_version=one.batch.rules_version, request=one.batch.request, facts=one.batch.facts),
        fees_charged=_charged(one, record.charged),
        registry=RegistryOut(id=one.registry_id, code=one.registry_code, words=one.registry_words),
        history=[
            ChangeOut(
                old=change.old,
                new=change.new,
                at=change.at,
                by=str(change.by) if change.by else "",
                source=change.source,
                note=change.note,
            )
            for change in record.changes
        ],
        attempts=[
            AttemptOut(
                verb=call.verb,
                began_at=call.began_at,
                ended_at=call.ended_at,
                outcome=call.outcome,
                words=call.words,
            )
            for call in record.attempts
        ],
        retry_of=number_told(one.retry_of.number) if one.retry_of else None,
        retries=[number_told(retry.number) for retry in record.retries],
    )


def _add_action(action: Action) -> None:
    """An endpoint for one action; each has its own permission."""
    kind = TRANSACTION_KINDS[action]()

    def act(
        request: ApiRequest, number: str, idempotency_key: IdempotencyKey, asked: ActionIn | None = None
    ) -> Status[Started]:
        one = transaction_of(request, number)
        reason, problems = clean_reason(asked.reason if asked else "")
        if problems and reason is None:
            raise Refused(422, details=[("reason", "It has characters that no text can have.")])
        reason = reason or ""
        if action in NEEDS_REASON and not reason:
            raise Refused(422, details=[("reason", "Say why; this ends something.")])
        body = {"transaction": one.number, "action": action.value, "reason": reason}
        operation = start_selection(
            operation_id=operation_id_of(request.auth, kind.name, idempotency_key),
            member=request.auth,
            kind=kind,
            selection=visible_transactions(request.auth).filter(pk=one.pk),
            now=timezone.now(),
            params={GOES_ON: True, "reason": reason, **params_of(body)},
        )
        require_same(operation, body)
        answer = Started(operation=told_operation(operation, request))
        return Status(200 if answer.operation.done else 202, answer)

    act.__doc__ = f"{kind.verb} a transaction, as its page does. {kind.note}"
    router.post(
        f"/{{number}}/{action.value}",
        response={**answers(202, Started, 400, 404, 409), 200: Started},
        auth=Token(kind.permission),
        url_name=f"transaction-{action.value}",
        operation_id=f"{action.value}_transaction",
        summary=f"{kind.verb} transaction",
    )(act)


for _action in Action:
    _add_action(_action)


def transaction_of(request: ApiRequest, number: str) -> Transaction:
    """A transaction of the member's organization by its number. Raises Http404."""
    read = number_read(number)
    rows = visible_transactions(request.auth).select_related("producer", "batch", "retry_of")
    found: Transaction | None = rows.filter(number=read).first() if read is not None else None
    if found is None:
        raise Http404
    return found


def told(one: Transaction) -> dict[str, Any]:
    """A transaction as lists tell it; its producer and batch must be there."""
    params = one.failures[0][1] if one.failures else {}
    return {
        "number": number_told(one.number),
        "url": reverse("api:transaction", args=[number_told(one.number)]),
        "kind": one.kind,
        "status": one.status,
        "status_label": STATUS_LABELS[TransactionStatus(one.status)],
        "reason": one.reason,
        "reason_label": standing_of(one.status, one.reason, params),
        "npn": one.producer.npn,
        "state": one.jurisdiction,
        "cocode": one.cocode,
        "company": one.company_name,
        "line_code": one.line_code,
        "line": one.line_name,
        "categories": one.categories,
        "license_number": one.license_number,
        "county": one.county,
        "appointment_type": one.appointment_type,
        "effective_on": one.effective_on,
        "just_in_time": one.just_in_time,
        "first_business_on": one.first_business_on,
        "file_by": one.file_by,
        "released": one.released_at is not None,
        "batch": batch_number_told(one.batch.number),
        "fees": FeesOut(state=one.state_fee, registry=one.registry_fee),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def _termination(one: Transaction) -> TerminationOut | None:
    """Why it ends an appointment; null where it does not."""
    if one.kind != TransactionKind.TERMINATION:
        return None
    return TerminationOut(reason=one.termination_reason, for_cause=one.for_cause, note=one.request_note)


def _charged(one: Transaction, charged: Fees | None) -> FeesOut | None:
    """What was charged; null where it did not come to that."""
    if charged is None:
        return None
    return FeesOut(state=one.state_fee_charged, registry=one.registry_fee_charged)
