"""Transactions in words: reasons, calls to the registry, moves, money, deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from muster.console.statuses import Look
from muster.core.amounts import dollars
from muster.core.counting import counted
from muster.core.eligibility import standing_of
from muster.core.transactions import STATUS_LABELS, BatchState, Status
from muster.history.models import Source
from muster.transactions.models import Attempt, StatusChange, Transaction
from muster.transactions.queries import Fees

BATCH_LOOKS: Mapping[BatchState, Look] = {
    BatchState.DRAFT: Look("secondary", "pencil"),
    BatchState.IN_REVIEW: Look("yellow", "eye-check"),
    BatchState.APPROVED: Look("green", "circle-check"),
    BatchState.SUBMITTED: Look("blue", "send"),
    BatchState.DONE: Look("teal", "checks"),
}

CALLS: Mapping[str, str] = {
    "submitted": "The registry has it.",
    "accepted": "The registry has accepted it.",
    "rejected": "The registry has refused it.",
    "action_required": "The state asks for something.",
    "never_came": "It never came to the registry.",
    "no_answer": "No answer came. Whether it arrived is not known.",
    "not_sent": "It was not sent.",
    "throttled": "The registry asked for a pause. It did not arrive.",
    "unavailable": "The registry could not be reached. It did not arrive.",
    "timed_out": "No answer came in time.",
    "broken_answer": "The answer could not be read.",
    "unauthorized": "The registry refused our user name or password.",
    "not_found": "The registry does not know it.",
    "conflict": "The registry has another filing under its key.",
}

SOURCES: Mapping[str, str] = {
    Source.REGISTRY: "The registry",
    Source.MUSTER: "Muster",
    Source.FILE: "A file",
    Source.API: "A program",
    Source.PERSON: "A person",
}


def reason_of(transaction: Transaction) -> str:
    """The Eligibility Reason in the dictionary's words."""
    params = transaction.failures[0][1] if transaction.failures else {}
    return standing_of(transaction.status, transaction.reason, params)


def call_words(attempt: Attempt) -> str:
    """What came of a call to the registry, in a sentence."""
    if attempt.ended_at is None:
        return "Under way, or cut off: whether it arrived is not known yet."
    return CALLS.get(attempt.outcome, attempt.outcome.replace("_", " ").capitalize())


def move_words(change: StatusChange) -> str:
    """From which status to which: "Ready to Submit → Submitting"."""
    labels = {status.value: label for status, label in STATUS_LABELS.items()}
    return f"{labels.get(change.old, change.old)} → {labels.get(change.new, change.new)}"


def who_moved(change: StatusChange) -> str:
    """Who made a move."""
    return str(change.by) if change.by else SOURCES.get(change.source, "Nobody knows who")


def fees_told(fees: Fees) -> str:
    """A sum of fees; what is not known is said, and never counted as nothing."""
    if not fees.transactions:
        return "nothing"
    if fees.is_known:
        return dollars(fees.cents)
    if fees.unknown == fees.transactions and not fees.cents:
        return "unknown"
    return f"{dollars(fees.cents)} and {counted(fees.unknown, 'fee,fees')} unknown"


def fee_told(cents: int | None) -> str:
    """One fee."""
    return "unknown" if cents is None else dollars(cents)


def fee_of(transaction: Transaction) -> str:
    """What a transaction costs, in a cell of a list: charged where it was, else as it was estimated."""
    estimated = _together(transaction.state_fee, transaction.registry_fee)
    if transaction.status != Status.ACCEPTED:
        return estimated
    charged = _together(transaction.state_fee_charged, transaction.registry_fee_charged)
    return f"{charged} (estimated {estimated})" if "unknown" in charged and estimated != charged else charged


def _together(state: int | None, registry: int | None) -> str:
    if state is None and registry is None:
        return "unknown"
    known = dollars((state or 0) + (registry or 0))
    return known if state is not None and registry is not None else f"{known} + unknown"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when a held transaction is to be filed, how many days are left, and how pressing that is."""

    day: date
    left: int
    color: str

    @property
    def words(self) -> str:
        """How long there is: "12 days left"."""
        if self.left < 0:
            return f"{counted(-self.left, 'day,days')} overdue"
        return "due today" if not self.left else f"{counted(self.left, 'day,days')} left"


def deadline_of(transaction: Transaction, today: date) -> Deadline | None:
    """The deadline of one that is held; None where there is none that is known."""
    if transaction.status != Status.HELD or transaction.file_by is None:
        return None
    left = (transaction.file_by - today).days
    return Deadline(transaction.file_by, left, "red" if left < 3 else "orange" if left <= 14 else "green")
