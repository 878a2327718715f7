"""What all actions on transactions have in common: they are judged when checked, and once more when done."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Item, Operation, Outcome
from muster.bulk.states import GOOD
from muster.core.acting import (
    FEE_UNKNOWN,
    GONE,
    NOT_ALLOWED,
    NOT_PERMITTED,
    WRONG_STATUS,
    Standing,
    applies_to,
    objection,
)
from muster.core.findings import Finding, finding
from muster.core.transactions import (
    OPEN,
    STATUS_LABELS,
    Action,
    Status,
    TransactionKind,
)
from muster.transactions.actions.items import Terms, refuse, terms_of
from muster.transactions.batching import settle_batches
from muster.transactions.facts import lock_producers
from muster.transactions.models import Transaction
from muster.transactions.sql import statement

GONE_WELL = (*OPEN, Status.ACCEPTED, Status.RECORDED)
"""A filing whose retry is in one of these needs no other."""


class Chosen(NamedTuple):
    """An item of an action, locked with its transaction."""

    row_no: int
    id: int
    standing: Standing
    batch_id: int
    producer_id: int


class ActionJudge(Judge):
    """Judges items by what their transactions are; what may be done is decided in `core.acting`."""

    def __init__(self, kind: TransactionAction, operation: Operation) -> None:
        self._kind = kind
        self._organization_id = operation.organization_id
        self._terms = terms_of(operation, kind.permission)

    def judge(self, rows: Sequence[Row]) -> None:
        ids = [row.target_id for row in rows if row.target_id is not None]
        found = Transaction.objects.filter(organization_id=self._organization_id, pk__in=ids)
        told = found.values_list(
            "pk",
            "status",
            "released_at",
            "filing_key",
            "prepared_by",
            "batch__prepared_by",
            "state_fee",
            "registry_fee",
            "kind",
            "producer__removed_at",
            _is_retried(),
        )
        facts = {pk: rest for pk, *rest in told}
        limits_fees = self._kind.counts_fees and self._terms.limits.fees is not None
        good = []
        for row in rows:
            if row.target_id not in facts:
                row.find(GONE)
                continue
            status, released_at, key, *prepared_by, state_fee, registry_fee = facts[row.target_id][:-3]
            kind, removed_at, is_retried = facts[row.target_id][-3:]
            standing = Standing(
                Status(status),
                released_at is not None,
                key is not None,
                self._terms.by_id in prepared_by,
                is_retried,
                removed_at is not None and kind != TransactionKind.TERMINATION,
            )
            if against := _object(self._kind.action, standing, self._terms, row.row_no):
                row.findings.append(against)
                continue
            good.append(row)
            if limits_fees and None in (state_fee, registry_fee):
                row.find(FEE_UNKNOWN)
        self._kind.look_ahead(good)


def _is_retried() -> Exists:
    return Exists(Transaction.objects.filter(retry_of=OuterRef("pk"), status__in=GONE_WELL))


def _object(action: Action, standing: Standing, terms: Terms, row_no: int) -> Finding | None:
    """What stands against the action on this one, as a finding; None where nothing does."""
    if not terms.may:
        return finding(NOT_PERMITTED, row=row_no)
    code = objection(action, standing, two_person=terms.two_person)
    if code == WRONG_STATUS:
        return finding(code, row=row_no, value=STATUS_LABELS[standing.status], applies=applies_to(action))
    return finding(code, row=row_no) if code else None


class TransactionAction(SelectionKind):
    """Something done with transactions."""

    action: ClassVar[Action]
    target = "transaction"
    one = "transaction"
    many = "transactions"
    not_allowed = NOT_ALLOWED
    counts_fees: ClassVar[bool] = False
    judges_again: ClassVar[bool] = False
    outcome: ClassVar[Outcome] = Outcome.UPDATED

    def __init_subclass__(cls) -> None:
        if "action" in cls.__dict__:
            cls.applies_to = applies_to(cls.action)

    def judge(self, operation: Operation) -> Judge:
        return ActionJudge(self, operation)

    def look_ahead(self, rows: Sequence[Row]) -> None:
        """Add to good items what the confirm page tells of them."""
        return None

    def preview(self, operation: Operation) -> dict[str, int]:
        return {self.outcome.value: Item.objects.filter(operation=operation, state__in=GOOD).count()}

    def apply(self, span: Span) -> None:
        # Facts may have changed since the check: they are read again, locked, and judged by the same rules.
        terms = terms_of(span.operation, self.permission)
        self._refuse_the_missing(span)
        if self.judges_again:
            # Producers before their transactions, as all writers do.
            lock_producers(_producers(span))
        chosen = list(_lock(span, terms))
        objections = {one.row_no: _object(self.action, one.standing, terms, one.row_no) for one in chosen}
        refuse(span.operation, [found for found in objections.values() if found])
        good = [one for one in chosen if not objections[one.row_no]]
        if good:
            self.act(good, span.operation)
            settle_batches(ids={one.batch_id for one in good})

    @abstractmethod
    def act(self, chosen: Sequence[Chosen], operation: Operation) -> None:
        """Do it to transactions that are locked, and mark their items."""

    def _refuse_the_missing(self, span: Span) -> None:
        items = Item.objects.filter(
            operation=span.operation, row_no__range=(span.first, span.last), state__in=GOOD
        )
        there = Transaction.objects.filter(
            pk=OuterRef("target_id"), organization_id=span.operation.organization_id
        )
        missing = items.filter(~Exists(there)).values_list("row_no", flat=True)
        refuse(span.operation, [finding(GONE, row=row_no) for row_no in missing])


def _producers(span: Span) -> list[int]:
    targets = Item.objects.filter(
        operation=span.operation, row_no__range=(span.first, span.last), state__in=GOOD
    ).values("target_id")
    return list(
        Transaction.objects.filter(organization_id=span.operation.organization_id, pk__in=targets)
        .order_by()
        .values_list("producer_id", flat=True)
        .distinct()
    )


def _lock(span: Span, terms: Terms) -> Iterable[Chosen]:
    with connection.cursor() as cursor:
        cursor.execute(statement("chosen_transactions"), span.params)
        found = cursor.fetchall()
    retried = set(
        Transaction.objects.filter(
            retry_of__in=[pk for _, pk, *_ in found], status__in=GONE_WELL
        ).values_list("retry_of_id", flat=True)
    )
    for row_no, pk, status, is_released, was_sent, prepared_by, batch_id, producer_id, of_removed in found:
        is_mine = terms.by_id in prepared_by
        standing = Standing(Status(status), is_released, was_sent, is_mine, pk in retried, of_removed)
        yield Chosen(row_no, pk, standing, batch_id, producer_id)
