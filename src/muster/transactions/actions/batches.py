"""Send to review, approve, send back, submit: one batch from its page, or as many as a list holds."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from django.db import connection
from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Item, Operation, Outcome
from muster.bulk.states import GOOD
from muster.core.acting import (
    GONE,
    NOT_ALLOWED,
    NOT_PERMITTED,
    WRONG_STATE,
    BatchAction,
    BatchStanding,
    batch_applies_to,
    batch_objection,
)
from muster.core.findings import Finding, finding
from muster.core.transactions import BATCH_LABELS, BatchState
from muster.transactions.actions.items import Terms, mark_done, note_of, refuse, terms_of
from muster.transactions.actions.limits import keep_within
from muster.transactions.models import Batch
from muster.transactions.releasing import release
from muster.transactions.sql import statement


@dataclass(slots=True)
class Waiting:
    """The transactions of a batch that can be let go, and who prepared them."""

    ids: list[int] = field(default_factory=list)
    prepared_by: set[int | None] = field(default_factory=set)


def _waiting_of(batch_ids: Sequence[int], *, locks: bool = False) -> Mapping[int, Waiting]:
    found: dict[int, Waiting] = defaultdict(Waiting)
    with connection.cursor() as cursor:
        told = statement("waiting_of")
        cursor.execute(f"{told} FOR NO KEY UPDATE" if locks else told, {"batches": list(batch_ids)})
        for pk, batch_id, prepared_by in cursor.fetchall():
            found[batch_id].ids.append(pk)
            found[batch_id].prepared_by.add(prepared_by)
    return found


class BatchJudge(Judge):
    """Judges items by what their batches are; what may be done is decided in `core.acting`."""

    def __init__(self, kind: BatchKind, operation: Operation) -> None:
        self._kind = kind
        self._organization_id = operation.organization_id
        self._terms = terms_of(operation, kind.permission)

    def judge(self, rows: Sequence[Row]) -> None:
        ids = [row.target_id for row in rows if row.target_id is not None]
        batches = Batch.objects.filter(organization_id=self._organization_id, pk__in=ids)
        facts = {pk: (state, by) for pk, state, by in batches.values_list("pk", "state", "prepared_by")}
        waiting = _waiting_of(list(facts))
        for row in rows:
            if row.target_id is None or row.target_id not in facts:
                row.find(GONE)
                continue
            state, prepared_by = facts[row.target_id]
            against = self._kind.object_to(
                state, prepared_by, waiting[row.target_id], self._terms, row.row_no
            )
            if against:
                row.findings.append(against)


class BatchKind(SelectionKind):
    """Something done with batches."""

    action: ClassVar[BatchAction]
    target = "batch"
    one = "batch"
    many = "batches"
    not_allowed = NOT_ALLOWED
    counts_fees: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        if "action" in cls.__dict__:
            cls.applies_to = batch_applies_to(cls.action)

    def judge(self, operation: Operation) -> Judge:
        return BatchJudge(self, operation)

    def preview(self, operation: Operation) -> dict[str, int]:
        good = Item.objects.filter(operation=operation, state__in=GOOD).count()
        return {Outcome.UPDATED.value: good}

    def object_to(
        self, state: str, prepared_by: int | None, waiting: Waiting, terms: Terms, row_no: int
    ) -> Finding | None:
        """What stands against the action on a batch, as a finding; None where nothing does."""
        if not terms.may:
            return finding(NOT_PERMITTED, row=row_no)
        is_mine = terms.by_id is not None and terms.by_id in {prepared_by, *waiting.prepared_by}
        standing = BatchStanding(BatchState(state), len(waiting.ids), is_mine)
        code = batch_objection(self.action, standing, two_person=terms.two_person)
        if code == WRONG_STATE:
            label = BATCH_LABELS[standing.state]
            return finding(code, row=row_no, value=label, applies=batch_applies_to(self.action))
        return finding(code, row=row_no) if code else None

    def apply(self, span: Span) -> None:
        # Facts may have changed since the check: they are read again, locked, and judged by the same rules.
        operation = span.operation
        terms = terms_of(operation, self.permission)
        items = Item.objects.filter(
            operation=operation, row_no__range=(span.first, span.last), state__in=GOOD
        )
        targets = dict(items.values_list("target_id", "row_no"))
        # Transactions before their batches, as all writers do.
        waiting = _waiting_of([pk for pk in targets if pk is not None], locks=True)
        with connection.cursor() as cursor:
            cursor.execute(statement("chosen_batches"), span.params)
            found = cursor.fetchall()
        against = {
            row_no: self.object_to(state, prepared_by, waiting[pk], terms, row_no)
            for row_no, pk, state, prepared_by in found
        }
        gone = [finding(GONE, row=row_no) for row_no in targets.values() if row_no not in against]
        refuse(operation, [*gone, *filter(None, against.values())])
        good = {row_no: pk for row_no, pk, *_ in found if not against[row_no]}
        if good:
            self.act(list(good.values()), waiting, operation)
            mark_done(operation, list(good))

    @abstractmethod
    def act(self, ids: Sequence[int], waiting: Mapping[int, Waiting], operation: Operation) -> None:
        """Do it to batches that are locked, as are their transactions that wait."""


class Reviewed(BatchKind):
    """A step of the review."""

    to: ClassVar[BatchState]

    def act(self, ids: Sequence[int], waiting: Mapping[int, Waiting], operation: Operation) -> None:
        reviewer = operation.by_id if self.permission is Permission.RELEASE_FILINGS else None
        with connection.cursor() as cursor:
            cursor.execute(
                statement("review"),
                {
                    "ids": list(ids),
                    "state": self.to.value,
                    "by": reviewer,
                    "note": note_of(operation),
                    "now": timezone.now(),
                },
            )


class SendToReview(Reviewed):
    """Ask somebody who may release filings to look at batches."""

    name = "review-batches"
    label = "Send batches to review"
    action = BatchAction.REVIEW
    permission = Permission.PREPARE_FILINGS
    to = BatchState.IN_REVIEW
    verb = "Send to review"
    done = "sent to review"
    note = "Whoever may release filings finds them among the batches in review."


class ApproveBatches(Reviewed):
    """Say that batches may be submitted."""

    name = "approve-batches"
    label = "Approve batches"
    action = BatchAction.APPROVE
    permission = Permission.RELEASE_FILINGS
    to = BatchState.APPROVED
    verb = "Approve"
    done = "approved"
    note = "They are not submitted by it: that is the next step."


class SendBack(Reviewed):
    """Give batches back to those who prepared them, and say why."""

    name = "return-batches"
    label = "Send batches back"
    action = BatchAction.RETURN
    permission = Permission.RELEASE_FILINGS
    to = BatchState.DRAFT
    verb = "Send back"
    done = "sent back"
    needs_reason = True
    note = "They are drafts again, with your note for whoever prepared them."


class SubmitBatches(BatchKind):
    """Let all that waits in batches go to the registry."""

    name = "submit-batches"
    label = "Submit batches"
    action = BatchAction.SUBMIT
    permission = Permission.RELEASE_FILINGS
    verb = "Submit"
    done = "submitted"
    counts_fees = True
    note = "All that waits in them goes to the registry, one after the other. What it takes costs its fees."

    def judge_together(self, operation: Operation) -> None:
        keep_within(operation, terms_of(operation, self.permission).limits, target="batch_id")

    def apply(self, span: Span) -> None:
        terms = terms_of(span.operation, self.permission)
        if keep_within(span.operation, terms.limits, target="batch_id"):
            super().apply(span)

    def act(self, ids: Sequence[int], waiting: Mapping[int, Waiting], operation: Operation) -> None:
        transactions = [pk for batch_id in ids for pk in waiting[batch_id].ids]
        release(ids=transactions, by=operation.by, now=timezone.now(), operation_id=operation.pk)


BATCH_KINDS: Mapping[BatchAction, type[BatchKind]] = {
    BatchAction.REVIEW: SendToReview,
    BatchAction.APPROVE: ApproveBatches,
    BatchAction.RETURN: SendBack,
    BatchAction.SUBMIT: SubmitBatches,
}
