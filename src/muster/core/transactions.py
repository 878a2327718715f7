"""Transactions: their kinds, their statuses, and which move leads where.

A transaction is one filing for one producer, state, company and line. See `docs/reference/transactions.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class TransactionKind(StrEnum):
    """What is filed."""

    APPOINTMENT = "appointment"
    TERMINATION = "termination"
    LICENSE = "license"
    RENEWAL = "renewal"


KIND_LABELS: Mapping[TransactionKind, str] = MappingProxyType(
    {
        TransactionKind.APPOINTMENT: "Appointment",
        TransactionKind.TERMINATION: "Termination",
        TransactionKind.LICENSE: "New license",
        TransactionKind.RENEWAL: "License renewal",
    }
)

LICENSE_KINDS = (TransactionKind.LICENSE, TransactionKind.RENEWAL)
"""These are about a license, and name no company."""


class Status(StrEnum):
    """Where a filing is."""

    NOT_ELIGIBLE = "not_eligible"
    READY = "ready"
    HELD = "held"
    SUBMITTING = "submitting"
    OUTCOME_UNKNOWN = "outcome_unknown"
    SUBMITTED = "submitted"
    ACTION_REQUIRED = "action_required"
    ACCEPTED = "accepted"
    RECORDED = "recorded"
    REJECTED = "rejected"
    CANCELED = "canceled"
    CLOSED = "closed"


STATUS_LABELS: Mapping[Status, str] = MappingProxyType(
    {
        Status.NOT_ELIGIBLE: "Not Eligible",
        Status.READY: "Ready to Submit",
        Status.HELD: "Held (JIT)",
        Status.SUBMITTING: "Submitting",
        Status.OUTCOME_UNKNOWN: "Outcome Unknown",
        Status.SUBMITTED: "Submitted",
        Status.ACTION_REQUIRED: "Action Required",
        Status.ACCEPTED: "Accepted",
        Status.RECORDED: "Recorded",
        Status.REJECTED: "Rejected",
        Status.CANCELED: "Canceled",
        Status.CLOSED: "Closed",
    }
)

S = Status

MOVES: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        S.NOT_ELIGIBLE: frozenset({S.CLOSED}),
        S.READY: frozenset({S.SUBMITTING, S.RECORDED, S.CANCELED, S.CLOSED, S.NOT_ELIGIBLE}),
        S.HELD: frozenset({S.SUBMITTING, S.RECORDED, S.CANCELED, S.CLOSED, S.NOT_ELIGIBLE}),
        S.SUBMITTING: frozenset(
            # An answer may come so late that the registry has decided by then.
            {S.SUBMITTED, S.OUTCOME_UNKNOWN, S.READY, S.HELD, S.ACCEPTED, S.REJECTED, S.ACTION_REQUIRED}
        ),
        S.OUTCOME_UNKNOWN: frozenset(
            {S.SUBMITTED, S.READY, S.HELD, S.ACCEPTED, S.REJECTED, S.ACTION_REQUIRED}
        ),
        S.SUBMITTED: frozenset({S.ACCEPTED, S.REJECTED, S.ACTION_REQUIRED}),
        S.ACTION_REQUIRED: frozenset({S.SUBMITTED, S.ACCEPTED, S.REJECTED, S.CLOSED}),
        S.ACCEPTED: frozenset(),
        S.RECORDED: frozenset(),
        S.REJECTED: frozenset({S.CLOSED}),
        S.CANCELED: frozenset({S.READY, S.HELD, S.NOT_ELIGIBLE}),
        # What was sent before it was closed is decided all the same.
        S.CLOSED: frozenset({S.READY, S.HELD, S.NOT_ELIGIBLE, S.ACCEPTED, S.REJECTED}),
    }
)
"""Where each status may go to. Canceled and Closed go back only where nothing was sent; Closed goes on only
where something was."""

WAITING = (S.READY, S.HELD)
"""Judged good, and not yet sent."""

AT_THE_REGISTRY = (S.SUBMITTING, S.OUTCOME_UNKNOWN, S.SUBMITTED, S.ACTION_REQUIRED)
"""Sent, or perhaps sent, and not yet decided."""

ASKED_ABOUT = (S.OUTCOME_UNKNOWN, S.SUBMITTED, S.ACTION_REQUIRED, S.CLOSED)
"""The registry is asked, now and then, how they stand."""

OPEN = (*WAITING, *AT_THE_REGISTRY)
"""In these a second filing of the same kind would be one too many."""

ENDED = (S.ACCEPTED, S.RECORDED, S.REJECTED, S.CANCELED, S.CLOSED)
"""Nothing is awaited any more."""


class Action(StrEnum):
    """What a person does with a transaction."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    CLOSE = "close"
    REOPEN = "reopen"
    RETRY = "retry"


ACTION_LABELS: Mapping[Action, str] = MappingProxyType(
    {
        Action.SUBMIT: "Submit",
        Action.CANCEL: "Cancel",
        Action.CLOSE: "Close",
        Action.REOPEN: "Reopen",
        Action.RETRY: "Retry",
    }
)

APPLICABLE: Mapping[Action, frozenset[Status]] = MappingProxyType(
    {
        Action.SUBMIT: frozenset(WAITING),
        Action.CANCEL: frozenset(WAITING),
        Action.CLOSE: frozenset({S.NOT_ELIGIBLE, S.READY, S.HELD, S.ACTION_REQUIRED, S.REJECTED}),
        Action.REOPEN: frozenset({S.CANCELED, S.CLOSED}),
        Action.RETRY: frozenset({S.REJECTED}),
    }
)
"""In which statuses each action makes sense."""

NEEDS_REASON = frozenset({Action.CANCEL, Action.CLOSE})
"""What ends something is told why."""


def may_move(status: Status, to: Status) -> bool:
    """Whether a transaction may go from one status to another."""
    return to in MOVES[status]


class BatchState(StrEnum):
    """Where a batch of transactions is."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SUBMITTED = "submitted"
    DONE = "done"


BATCH_LABELS: Mapping[BatchState, str] = MappingProxyType(
    {
        BatchState.DRAFT: "Draft",
        BatchState.IN_REVIEW: "In review",
        BatchState.APPROVED: "Approved",
        BatchState.SUBMITTED: "Submitted",
        BatchState.DONE: "Done",
    }
)


def number_told(number: int) -> str:
    """A transaction's number as people write it: GT-00000001."""
    return f"GT-{number:08d}"


def batch_number_told(number: int) -> str:
    """A batch's number as people write it: GB-00000001."""
    return f"GB-{number:08d}"


def number_read(text: str) -> int | None:
    """The number that a person wrote, with or without GT- and zeros; None for anything else."""
    digits = text.strip().upper().removeprefix("GT-").removeprefix("GB-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
