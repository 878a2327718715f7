"""What people may do with transactions and batches, and what stands against it: facts in, a code out."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from muster.core.transactions import (
    ACTION_LABELS,
    APPLICABLE,
    BATCH_LABELS,
    STATUS_LABELS,
    Action,
    BatchState,
    Status,
)

GONE = "TXN-E001"
WRONG_STATUS = "TXN-E101"
QUEUED = "TXN-E102"
WAS_SENT = "TXN-E103"
WAS_RETRIED = "TXN-E104"
PRODUCER_REMOVED = "TXN-E105"
WRONG_STATE = "TXN-E111"
NOTHING_WAITS = "TXN-E112"
NOT_PERMITTED = "TXN-E201"
PREPARED_IT = "TXN-E202"
TOO_MANY = "TXN-E203"
TOO_COSTLY = "TXN-E204"
FEE_UNKNOWN = "TXN-W201"

NOT_ALLOWED = frozenset({NOT_PERMITTED, PREPARED_IT, TOO_MANY, TOO_COSTLY})
"""The action makes sense, and this person may not do it now. All else that is refused does not apply."""


class BatchAction(StrEnum):
    """What a person does with a batch."""

    REVIEW = "review"
    APPROVE = "approve"
    RETURN = "return"
    SUBMIT = "submit"


BATCH_ACTION_LABELS: Mapping[BatchAction, str] = MappingProxyType(
    {
        BatchAction.REVIEW: "Send to review",
        BatchAction.APPROVE: "Approve",
        BatchAction.RETURN: "Send back",
        BatchAction.SUBMIT: "Submit",
    }
)

BATCH_APPLICABLE: Mapping[BatchAction, frozenset[BatchState]] = MappingProxyType(
    {
        BatchAction.REVIEW: frozenset({BatchState.DRAFT}),
        BatchAction.APPROVE: frozenset({BatchState.IN_REVIEW}),
        BatchAction.RETURN: frozenset({BatchState.IN_REVIEW, BatchState.APPROVED}),
        BatchAction.SUBMIT: frozenset({BatchState.DRAFT, BatchState.APPROVED}),
    }
)
"""In which states each action makes sense. Where nobody reviews, a draft is submitted as it is."""

RELEASING = frozenset({BatchAction.APPROVE, BatchAction.SUBMIT})
"""What takes a second person where the organization wants two."""


class Standing(NamedTuple):
    """What of a transaction an action turns on.

    `is_mine`: who acts has prepared it, or its batch. `was_sent`: the registry may have seen it.
    `is_retried`: a retry of it is open, or came to its end well.
    `is_of_removed`: its producer was removed, and it does not end an appointment.
    """

    status: Status
    is_released: bool = False
    was_sent: bool = False
    is_mine: bool = False
    is_retried: bool = False
    is_of_removed: bool = False


FILES_ANEW = frozenset({Action.SUBMIT, Action.REOPEN, Action.RETRY})
"""After these something may be filed."""


def objection(action: Action, standing: Standing, *, two_person: bool) -> str:
    """The code of what stands against an action on one transaction; empty where nothing does."""
    if standing.status not in APPLICABLE[action]:
        return WRONG_STATUS
    if action in FILES_ANEW and standing.is_of_removed:
        return PRODUCER_REMOVED
    if action is Action.SUBMIT and standing.is_released:
        return QUEUED
    if action is Action.SUBMIT and standing.is_mine and two_person:
        return PREPARED_IT
    if action is Action.REOPEN and standing.was_sent:
        return WAS_SENT
    if action is Action.RETRY and standing.is_retried:
        return WAS_RETRIED
    return ""


class BatchStanding(NamedTuple):
    """What of a batch an action turns on. `waiting`: how many of it can be let go to the registry.

    `is_mine`: who acts has prepared it, or something of it that waits.
    """

    state: BatchState
    waiting: int
    is_mine: bool = False


def batch_objection(action: BatchAction, standing: BatchStanding, *, two_person: bool) -> str:
    """The code of what stands against an action on one batch; empty where nothing does."""
    if standing.state not in BATCH_APPLICABLE[action]:
        return WRONG_STATE
    if not standing.waiting and action is not BatchAction.RETURN:
        return NOTHING_WAITS
    if action in RELEASING and standing.is_mine and two_person:
        return PREPARED_IT
    return ""


class Limits(NamedTuple):
    """How much one submission may hold; None is no limit. Money is in cents."""

    filings: int | None = None
    fees: int | None = None


def limit_broken(limits: Limits, *, filings: int, fees: int) -> str:
    """The code of the limit that a submission of so many filings and such fees breaks; empty if none."""
    if limits.filings is not None and filings > limits.filings:
        return TOO_MANY
    if limits.fees is not None and fees > limits.fees:
        return TOO_COSTLY
    return ""


def applies_to(action: Action) -> str:
    """To which transactions an action applies: "Cancel applies to those that are Ready to Submit or ..."."""
    labels = [label for status, label in STATUS_LABELS.items() if status in APPLICABLE[action]]
    return f"{ACTION_LABELS[action]} applies to those that are {_listed(labels)}."


def batch_applies_to(action: BatchAction) -> str:
    """To which batches an action applies, in a sentence."""
    labels = [label for state, label in BATCH_LABELS.items() if state in BATCH_APPLICABLE[action]]
    return f"{BATCH_ACTION_LABELS[action]} applies to those that are {_listed(labels)}."


def _listed(words: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
