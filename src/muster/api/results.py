"""What became of the rows of an operation, as programs get it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ninja import Schema

from muster.access.models import Membership
from muster.bulk.kinds import Kind, UnknownKind, kind_of
from muster.bulk.models import Finding, Item, ItemState, Operation
from muster.core.eligibility import standing_of
from muster.core.findings import CATALOGUE, fix, sentence
from muster.core.transactions import number_told
from muster.transactions.models import Transaction
from muster.transactions.queries import visible_transactions

OF_TRANSACTIONS = "transaction"
"""The target of operations whose items are transactions."""


class RowFinding(Schema):
    """Something found about a row: which field and value, what is wrong, and what to do."""

    code: str
    severity: str
    field: str | None
    value: str | None
    message: str
    fix: str


class RowTransaction(Schema):
    """A transaction that a row made, or was about."""

    number: str
    status: str
    state: str
    cocode: str
    line: str
    reason: str
    reason_label: str


class Result(Schema):
    """One row: its number, the reference that came with it, where it is, and what became of it."""

    row: int
    reference: str
    state: str
    outcome: str | None
    message: str
    findings: list[RowFinding]
    transactions: list[RowTransaction]


def results_of(operation: Operation, member: Membership, *, after: int, limit: int) -> list[Result]:
    """The rows after a row number, in their order; four queries."""
    items = list(
        Item.objects.filter(operation=operation, row_no__gt=after)
        .order_by("row_no")
        .values_list("row_no", "state", "outcome", "data", "result", "target_id")[:limit]
    )
    if not items:
        return []
    first, last = items[0][0], items[-1][0]
    findings = _findings(operation, first, last)
    try:
        kind: Kind | None = kind_of(operation)
    except UnknownKind:
        kind = None
    transactions = _transactions(operation, member, kind, items)
    return [
        Result(
            row=row_no,
            reference=str(data.get("source", "")),
            state=state,
            outcome=outcome,
            message=_message(kind, state, result, findings[row_no]),
            findings=findings[row_no],
            transactions=transactions[row_no],
        )
        for row_no, state, outcome, data, result, _ in items
    ]


def _message(kind: Kind | None, state: str, result: Any, findings: Iterable[RowFinding]) -> str:
    said = [one.message for one in findings if one.severity != "info"]
    if state == ItemState.SKIPPED and result:
        said.append(f"Says the same as row {result['same_as']}.")
    elif state == ItemState.APPLIED and result and kind:
        said.append(kind.say(result))
    return " ".join(filter(None, said))


def _findings(operation: Operation, first: int, last: int) -> defaultdict[int, list[RowFinding]]:
    found: defaultdict[int, list[RowFinding]] = defaultdict(list)
    told = Finding.objects.filter(operation=operation, row_no__range=(first, last)).order_by("row_no", "id")
    for one in told:
        known = one.code in CATALOGUE
        words = {"field": one.field, "value": one.value, "params": one.params}
        found[one.row_no or 0].append(
            RowFinding(
                code=one.code,
                severity=one.severity,
                field=one.field,
                value=one.value,
                message=sentence(one.code, **words) if known else one.code,
                fix=fix(one.code, **words) if known else "",
            )
        )
    return found


def _transactions(
    operation: Operation, member: Membership, kind: Kind | None, items: list[Any]
) -> defaultdict[int, list[RowTransaction]]:
    found: defaultdict[int, list[RowTransaction]] = defaultdict(list)
    visible = visible_transactions(member).select_related("batch").defer("batch__request", "batch__facts")
    if kind is not None and kind.target == OF_TRANSACTIONS:
        rows = {target: row_no for row_no, *_, target in items}
        for one in visible.filter(pk__in=[target for target in rows if target]):
            found[rows[one.pk]].append(_told(one))
        return found
    # A batch of several rows names none of them; each row knows which numbers it has made.
    numbers = {
        number: row_no
        for row_no, *_, result, _ in items
        if result and result.get("made")
        for number in range(result["first"], result["first"] + result["made"])
    }
    made = visible.filter(batch__operation_id=operation.pk)
    for one in made.filter(batch__row_no__range=(items[0][0], items[-1][0])).order_by("number"):
        found[one.batch.row_no].append(_told(one))
    for one in made.filter(batch__row_no=None, number__in=list(numbers)).order_by("number"):
        found[numbers[one.number]].append(_told(one))
    return found


def _told(one: Transaction) -> RowTransaction:
    params = one.failures[0][1] if one.failures else {}
    return RowTransaction(
        number=number_told(one.number),
        status=one.status,
        state=one.jurisdiction,
        cocode=one.cocode,
        line=one.line_name,
        reason=one.reason,
        reason_label=standing_of(one.status, one.reason, params),
    )
