"""The next step of a transaction, and what else can be done with it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.console.transactions.words import deadline_of
from muster.core.acting import PREPARED_IT, Standing, objection
from muster.core.transactions import ACTION_LABELS, NEEDS_REASON, Action, Status
from muster.transactions.actions.acting import GONE_WELL
from muster.transactions.actions.transactions import TRANSACTION_KINDS
from muster.transactions.queries import Record

ICONS = {
    Action.SUBMIT: "send",
    Action.CANCEL: "ban",
    Action.CLOSE: "archive",
    Action.REOPEN: "rotate-2",
    Action.RETRY: "repeat",
}

FIRST_BUSINESS = "first-business"
"""What is done with a held transaction that is no action of the bulk kernel."""


@dataclass(frozen=True, slots=True)
class Doable:
    """An action that this person may take with this transaction now."""

    action: Action
    kind: str
    label: str
    icon: str
    note: str
    needs_reason: bool


@dataclass(frozen=True, slots=True)
class Step:
    """Where it stands in a sentence, and the one thing to do next, if that is this person's to do.

    `does` is an action, `FIRST_BUSINESS`, or empty.
    """

    title: str
    text: str
    color: str
    icon: str
    does: str = ""


def doables(record: Record, member: Membership, *, two_person: bool) -> list[Doable]:
    """What the person may do with it now."""
    standing = standing_of(record, member)
    return [
        Doable(
            action,
            kind.name,
            ACTION_LABELS[action],
            ICONS[action],
            kind.note.replace("They are", "It is").replace("They ", "It "),
            action in NEEDS_REASON,
        )
        for action, kind in TRANSACTION_KINDS.items()
        if member.may(kind.permission) and not objection(action, standing, two_person=two_person)
    ]


def standing_of(record: Record, member: Membership) -> Standing:
    """What an action on it turns on."""
    one = record.transaction
    return Standing(
        Status(one.status),
        is_released=one.released_at is not None,
        was_sent=one.filing_key is not None,
        is_mine=member.user_id in (one.prepared_by_id, one.batch.prepared_by_id),
        is_retried=any(retry.status in GONE_WELL for retry in record.retries),
    )


def step_of(
    record: Record, member: Membership, may: Sequence[Action], *, two_person: bool, today: date
) -> Step:
    """The next step of a transaction."""
    one = record.transaction
    status = Status(one.status)
    if status in (Status.READY, Status.HELD) and one.released_at:
        return Step(
            "Queued for the registry",
            "It was submitted, and is sent as soon as its turn comes. Until then it can be canceled.",
            "azure",
            "clock",
        )
    match status:
        case Status.READY:
            return _ready(record, member, may, two_person=two_person)
        case Status.HELD:
            return _held(record, member, may, today)
        case Status.REJECTED:
            return _rejected(record, may)
        case Status.CANCELED | Status.CLOSED if Action.REOPEN in may:
            return Step(
                "Nothing is awaited",
                "It was given up before anything was sent, so it can be taken up again.",
                "secondary",
                "archive",
                Action.REOPEN,
            )
        case Status.CLOSED if one.submitted_at and not one.decided_at:
            return Step(
                "Closed, and still at the registry",
                "It was sent before it was closed, so it may be accepted yet. Muster goes on asking.",
                "secondary",
                "archive",
            )
        case _:
            return STEPS[status]


def _ready(record: Record, member: Membership, may: Sequence[Action], *, two_person: bool) -> Step:
    title = "Ready to submit"
    if Action.SUBMIT in may:
        return Step(title, "It was judged good and waits for you.", "green", "circle-check", Action.SUBMIT)
    if objection(Action.SUBMIT, standing_of(record, member), two_person=two_person) == PREPARED_IT:
        return Step(
            title,
            "You prepared it, so a colleague who may release filings submits it.",
            "green",
            "users",
        )
    text = "It was judged good and waits for somebody who may release filings."
    return Step(title, text, "green", "circle-check")


def _held(record: Record, member: Membership, may: Sequence[Action], today: date) -> Step:
    one = record.transaction
    if deadline := deadline_of(one, today):
        return Step(
            f"To be filed by {deadline.day:%b} {deadline.day.day}, {deadline.day.year}: {deadline.words}",
            "There was first business. Submit it before the state's deadline has passed.",
            deadline.color,
            "hourglass",
            Action.SUBMIT if Action.SUBMIT in may else "",
        )
    if one.first_business_on:
        return Step(
            "The deadline is not known",
            "There was first business, and nobody has told how long the state waits. Submit it soon.",
            "orange",
            "hourglass",
            Action.SUBMIT if Action.SUBMIT in may else "",
        )
    return Step(
        "Waits for first business",
        "The company appoints just in time in this state: nothing is filed, and nothing paid, until the "
        "producer brings business.",
        "yellow",
        "clock-pause",
        FIRST_BUSINESS if member.may(Permission.PREPARE_FILINGS) else "",
    )


def _rejected(record: Record, may: Sequence[Action]) -> Step:
    if Action.RETRY in may:
        return Step(
            "The registry refused it",
            "See its words below. Once the cause is mended, retry: a new transaction is made.",
            "red",
            "circle-x",
            Action.RETRY,
        )
    retried = any(retry.status in GONE_WELL for retry in record.retries)
    text = "It was retried: see the new one below." if retried else "See its words below."
    return Step("The registry refused it", text, "red", "circle-x")


STEPS = {
    Status.NOT_ELIGIBLE: Step(
        "Not to be filed",
        "See below which checks failed. When that is mended, request it again: it costs nothing meanwhile.",
        "secondary",
        "circle-minus",
    ),
    Status.SUBMITTING: Step(
        "On its way", "It is being sent this moment. There is nothing to do.", "azure", "send"
    ),
    Status.OUTCOME_UNKNOWN: Step(
        "Nobody knows whether it arrived",
        "The registry gave no answer. Muster asks it by itself, and sends it again only if it never came.",
        "orange",
        "help-circle",
    ),
    Status.SUBMITTED: Step(
        "At the registry", "Muster asks what becomes of it. There is nothing to do.", "blue", "send"
    ),
    Status.ACTION_REQUIRED: Step(
        "The state asks for something",
        "See its words below, and answer the state. Muster asks the registry until it is decided.",
        "orange",
        "alert-triangle",
    ),
    Status.ACCEPTED: Step("Done", "The registry has accepted it.", "teal", "circle-check"),
    Status.RECORDED: Step(
        "Done",
        "The state files no appointments: it is recorded in the company's own register.",
        "teal",
        "book",
    ),
    Status.CANCELED: Step("Nothing is awaited", "It was given up, and not filed.", "secondary", "ban"),
    Status.CLOSED: Step("Nothing is awaited", "It was closed.", "secondary", "archive"),
}
"""Where nothing depends on who looks."""
