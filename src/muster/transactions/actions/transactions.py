"""Submit, cancel, close, reopen and retry: one transaction from its page, or as many as a list holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db import connection, transaction
from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk.kinds import Row, Span
from muster.bulk.models import Item, Operation, Outcome
from muster.bulk.states import GOOD
from muster.bulk.store import as_json
from muster.core.transactions import NEEDS_REASON, Action, BatchState, Status, number_told
from muster.transactions.actions.acting import Chosen, TransactionAction
from muster.transactions.actions.items import mark_done, note_of, terms_of
from muster.transactions.actions.limits import keep_within
from muster.transactions.judging import Judgment, judge_transactions
from muster.transactions.models import Batch
from muster.transactions.releasing import release
from muster.transactions.sql import statement

TO = "to_"
"""Before the status that a preview counts."""


class SubmitTransactions(TransactionAction):
    """Let transactions go to the registry."""

    name = "submit-transactions"
    label = "Submit transactions"
    action = Action.SUBMIT
    permission = Permission.RELEASE_FILINGS
    verb = "Submit"
    done = "submitted"
    counts_fees = True
    note = "They go to the registry one after the other. What it takes costs its fees."

    def judge_together(self, operation: Operation) -> None:
        keep_within(operation, terms_of(operation, self.permission).limits, target="id")

    def apply(self, span: Span) -> None:
        terms = terms_of(span.operation, self.permission)
        if keep_within(span.operation, terms.limits, target="id"):
            super().apply(span)

    def act(self, chosen: Sequence[Chosen], operation: Operation) -> None:
        release(
            ids=[one.id for one in chosen], by=operation.by, now=timezone.now(), operation_id=operation.pk
        )
        mark_done(operation, [one.row_no for one in chosen])


class EndTransactions(TransactionAction):
    """Puts an end to transactions, with a reason."""

    permission = Permission.PREPARE_FILINGS
    status: ClassVar[Status]

    def act(self, chosen: Sequence[Chosen], operation: Operation) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                statement("end"),
                {
                    "ids": [one.id for one in chosen],
                    "status": self.status.value,
                    "note": note_of(operation),
                },
            )
        mark_done(operation, [one.row_no for one in chosen])


class CancelTransactions(EndTransactions):
    """Give transactions up that were not sent."""

    name = "cancel-transactions"
    label = "Cancel transactions"
    action = Action.CANCEL
    status = Status.CANCELED
    verb = "Cancel"
    done = "canceled"
    needs_reason = Action.CANCEL in NEEDS_REASON
    note = "They are not filed. They can be reopened later."


class CloseTransactions(EndTransactions):
    """Put transactions aside for good."""

    name = "close-transactions"
    label = "Close transactions"
    action = Action.CLOSE
    status = Status.CLOSED
    verb = "Close"
    done = "closed"
    needs_reason = Action.CLOSE in NEEDS_REASON
    note = (
        "Closing neither refunds a fee nor rescinds what was filed: it only says that nobody here waits for "
        "an answer any more."
    )


class JudgedAgain(TransactionAction):
    """An action after which transactions stand as they are judged today."""

    permission = Permission.PREPARE_FILINGS
    judges_again = True

    def look_ahead(self, rows: Sequence[Row]) -> None:
        with transaction.atomic():
            judged = _judge([row.target_id for row in rows if row.target_id is not None])
        for row in rows:
            if judgment := judged.get(row.target_id or 0):
                row.data = {"to": _status(judgment).value}

    def preview(self, operation: Operation) -> dict[str, int]:
        good = Item.objects.filter(operation=operation, state__in=GOOD).values_list("data", flat=True)
        counts = Counter(str(data.get("to")) for data in good.iterator(chunk_size=10_000))
        told = {f"{TO}{status.value}": counts[status.value] for status in Status if counts[status.value]}
        return {self.outcome.value: counts.total(), **told}

    def act(self, chosen: Sequence[Chosen], operation: Operation) -> None:
        self.stand_anew(chosen, _judge([one.id for one in chosen]), operation)
        # What was approved was not this.
        batches = Batch.objects.filter(pk__in={one.batch_id for one in chosen})
        batches.update(reviewed_at=None, reviewed_by=None)
        batches.filter(state=BatchState.APPROVED).update(state=BatchState.DRAFT)

    def stand_anew(
        self, chosen: Sequence[Chosen], judged: Mapping[int, Judgment], operation: Operation
    ) -> None:
        """Write the verdicts, and mark the items."""
        raise NotImplementedError


def _judge(ids: Sequence[int]) -> dict[int, Judgment]:
    return judge_transactions(ids=ids, today=timezone.localdate())


def _status(judgment: Judgment) -> Status:
    # What is only recorded goes the way of what is filed: the worker records it when it is let go.
    return Status.READY if judgment.status is Status.RECORDED else judgment.status


def _verdicts(chosen: Sequence[Chosen], judged: Mapping[int, Judgment]) -> dict[str, list[Any]]:
    """The verdicts as the statements take them, one list a column."""
    return {
        "ids": [one.id for one in chosen],
        "statuses": [_status(judged[one.id]).value for one in chosen],
        "reasons": [judged[one.id].reason for one in chosen],
        "failures": [as_json(judged[one.id].failures or []) for one in chosen],
        "just_in_time": [judged[one.id].just_in_time for one in chosen],
        "licenses": [judged[one.id].license_id for one in chosen],
        "numbers": [judged[one.id].license_number for one in chosen],
    }


class ReopenTransactions(JudgedAgain):
    """Take transactions up again that were given up before anything was sent."""

    name = "reopen-transactions"
    label = "Reopen transactions"
    action = Action.REOPEN
    verb = "Reopen"
    done = "reopened"
    note = "They are judged again by what is known today, and wait for somebody to submit them."

    def stand_anew(
        self, chosen: Sequence[Chosen], judged: Mapping[int, Judgment], operation: Operation
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement("reopen"), {**_verdicts(chosen, judged), "note": note_of(operation)})
        mark_done(operation, [one.row_no for one in chosen])


class RetryTransactions(JudgedAgain):
    """Make a new transaction of each that the registry refused."""

    name = "retry-transactions"
    label = "Retry transactions"
    action = Action.RETRY
    outcome = Outcome.CREATED
    verb = "Retry"
    done = "retried"
    note = (
        "A new transaction is made of each, judged by what is known today, and waits for somebody to submit "
        "it. The rejected ones stay as they are."
    )

    def say(self, result: Mapping[str, Any]) -> str:
        return f"{number_told(result['made'])} was made." if "made" in result else ""

    def stand_anew(
        self, chosen: Sequence[Chosen], judged: Mapping[int, Judgment], operation: Operation
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                statement("take_numbers"),
                {
                    "organization": operation.organization_id,
                    "batches": 0,
                    "transactions": len(chosen),
                },
            )
            _, last = cursor.fetchone()
            cursor.execute(
                statement("retry"),
                {
                    **_verdicts(chosen, judged),
                    "first_number": last - len(chosen) + 1,
                    "by": operation.by_id,
                    "note": note_of(operation),
                },
            )
            made = dict(cursor.fetchall())
        mark_done(
            operation,
            [one.row_no for one in chosen],
            outcome=Outcome.CREATED,
            results={one.row_no: {"made": made[one.id]} for one in chosen},
        )


TRANSACTION_KINDS: Mapping[Action, type[TransactionAction]] = {
    Action.SUBMIT: SubmitTransactions,
    Action.CANCEL: CancelTransactions,
    Action.CLOSE: CloseTransactions,
    Action.REOPEN: ReopenTransactions,
    Action.RETRY: RetryTransactions,
}
