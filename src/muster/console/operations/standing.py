"""Where an action stands, put into the words and numbers that its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.causes import Cause, values_of
from muster.bulk.kinds import SelectionKind
from muster.bulk.models import Item, Operation, OperationState
from muster.bulk.states import GOOD, UNDER_WAY
from muster.bulk.updating import UpdateFields
from muster.console.appointing.landing import transactions_of
from muster.console.imports.pace import moving
from muster.console.imports.tiles import COLORS, Tile
from muster.console.lists.known import listings
from muster.console.operations.endings import ending_context
from muster.console.operations.inviting import inviting_context
from muster.console.operations.mailing import mailing_context, mails_by_producer
from muster.console.operations.reads import (
    DONE,
    FAILED,
    GROUPS,
    NOT_ALLOWED,
    NOT_APPLICABLE,
    WILL,
    ActionItem,
    Split,
    items_of,
    split_of,
)
from muster.console.operations.removing import removing_context
from muster.console.operations.renewing import renewing_context
from muster.console.operations.starting import BACK
from muster.console.operations.targets import TARGETS, Target
from muster.console.operations.updating import updating_context
from muster.console.statuses import TRANSACTION_LOOKS, Look
from muster.console.transactions.handling import held_back_told
from muster.console.transactions.moving import POLL_SECONDS
from muster.console.transactions.words import fees_told
from muster.core.catalogue import Scope
from muster.core.transactions import STATUS_LABELS, WAITING, Status
from muster.mailing.sending import SendEmail
from muster.notices.models import UNDER_WAY as MAIL_UNDER_WAY
from muster.notices.models import Email
from muster.offboarding.removing import RemoveProducers, waits
from muster.portals.inviting import InviteToPortal
from muster.transactions.actions.acting import TransactionAction
from muster.transactions.actions.batches import BatchKind
from muster.transactions.actions.endings import TerminateAppointments
from muster.transactions.actions.renewals import RenewLicenses
from muster.transactions.actions.transactions import TO
from muster.transactions.models import Transaction
from muster.transactions.queries import estimated

S = OperationState

GROUP_COLORS = {
    WILL: "blue",
    DONE: "green",
    NOT_ALLOWED: "orange",
    NOT_APPLICABLE: "secondary",
    FAILED: "red",
}


def context_of(
    operation: Operation,
    kind: SelectionKind,
    member: Membership,
    *,
    group: str = "",
    after: int = 0,
    person: int = 0,
) -> dict[str, Any]:
    """All that the page of an action shows, by its state."""
    state = S(operation.state)
    target = TARGETS[kind.target]
    back = operation.params.get(BACK) or reverse(target.list_name)
    context: dict[str, Any] = {
        "operation": operation,
        "kind": kind,
        "things": f"{kind.one},{kind.many}",
        "color": COLORS[state],
        "words": state_words(operation),
        "under_way": state in UNDER_WAY,
        "list_label": _list_label(back, target),
        "back": back,
        "progress_url": reverse("operation-progress", args=[operation.pk]),
    }
    if state in UNDER_WAY:
        return context | {"moving": moving(operation, now=timezone.now())}
    split = split_of(operation, kind)
    group = group if group in GROUPS else ""
    return context | {
        "split": split,
        "causes": _causes(operation, split, kind),
        "tiles": _tiles(operation, kind, split),
        "fees": _fees(operation, kind) if state == S.READY else "",
        "becomes": _becomes(operation) if state == S.READY else [],
        "rows": items_context(operation, kind, member, group=group, after=after),
        **_of_endings(operation, kind, member),
        **(updating_context(operation, kind) if isinstance(kind, UpdateFields) else {}),
        **(removing_context(operation, member) if isinstance(kind, RemoveProducers) else {}),
        **(inviting_context(operation) if isinstance(kind, InviteToPortal) else {}),
        **(renewing_context(operation) if isinstance(kind, RenewLicenses) else {}),
        **(mailing_context(operation, member, person=person) if isinstance(kind, SendEmail) else {}),
    }


def _list_label(back: str, target: Target) -> str:
    """What the list is called to which an action goes back: things of one sort can be in several."""
    found = (one.subject.label for one in listings().values() if back.startswith(one.url))
    return next(found, target.label)


def _of_endings(operation: Operation, kind: SelectionKind, member: Membership) -> dict[str, Any]:
    """What the page of ending appointments shows beside the rest; of renewals, what they have made."""
    if isinstance(kind, RenewLicenses) and operation.started_at:
        return {"made_url": transactions_of(operation)}
    if not isinstance(kind, TerminateAppointments):
        return {}
    if operation.state == S.READY:
        return ending_context(operation, member)
    if not operation.started_at:
        return {}
    return {"made_url": transactions_of(operation), "held_back": held_back_told(operation)}


def state_words(operation: Operation) -> str:
    """What the state of an action is called."""
    words = {S.READY: "Waits for you", S.DONE_WITH_FAILURES: "Done", S.RUNNING: "Under way"}
    return words.get(S(operation.state), S(operation.state).label)


def labels(operation: Operation, kind: SelectionKind) -> Mapping[str, str]:
    """What the groups of items are called."""
    ready = operation.state == S.READY
    will, done = f"Will be {kind.done}", kind.done.capitalize()
    if isinstance(kind, RemoveProducers) and waits(operation.params):
        done = "Removed, or waits for it"
    if isinstance(kind, InviteToPortal):
        # What became of each stands beside it: invited, or invited or registered before.
        will, done = "Will be invited or updated", "Done"
    elif isinstance(kind, SendEmail):
        will = "Will be mailed"
    return {
        WILL: will if ready else "Not done",
        DONE: done,
        NOT_ALLOWED: "Not allowed",
        NOT_APPLICABLE: "Not applicable",
        FAILED: "Failed",
    }


def _tiles(operation: Operation, kind: SelectionKind, split: Split) -> list[Tile]:
    whole = max(1, operation.rows)
    called = labels(operation, kind)
    shown = {WILL if operation.state == S.READY else DONE, NOT_ALLOWED, NOT_APPLICABLE}
    return [
        Tile(group, called[group], count, GROUP_COLORS[group], round(count * 100 / whole, 2))
        for group in GROUPS
        if (count := split.count(group)) or group in shown
    ]


@dataclass(frozen=True, slots=True)
class Why:
    """Why some items are not acted on: the cause, how many, and what there is to do about it.

    `values` are what the items have in common, each with how many have it, where they differ in that.
    """

    group: str
    title: str
    count: int
    color: str
    text: str
    values: list[tuple[str, int]]
    fix: str


def _causes(operation: Operation, split: Split, kind: SelectionKind) -> list[Why]:
    found = [
        _why(cause, group, GROUP_COLORS[group], kind)
        for group in (NOT_ALLOWED, NOT_APPLICABLE, FAILED)
        for cause in split.causes(group)
    ]
    return found + [
        _warning(operation, cause, kind) for cause in split.warned if cause.entry.scope is not Scope.FILE
    ]


def _warning(operation: Operation, cause: Cause, kind: SelectionKind) -> Why:
    why = _why(cause, "", "yellow", kind)
    together = kind.warned.get(cause.code)
    if together is None:
        return why
    if cause.count == 1:
        return replace(why, values=[], text=cause.values[0].text)
    # A sentence about all values names them all.
    found = values_of(operation, code=cause.code, field=cause.field) if cause.more_values else None
    values = [(one.value or "", one.count) for one in (found or cause).values]
    return replace(why, values=values, text=together)


def _why(cause: Cause, group: str, color: str, kind: SelectionKind) -> Why:
    first = cause.values[0]
    values = [(value.value, value.count) for value in cause.values if value.value]
    text = kind.applies_to if values else first.text
    if values and not text:
        # Nothing is said of them all: each value has its own sentence.
        values = [(value.text, value.count) for value in cause.values]
    return Why(group, cause.entry.title, cause.count, color, text, values, first.fix)


def _fees(operation: Operation, kind: SelectionKind) -> str:
    """What a submission would cost."""
    if not isinstance(kind, TransactionAction | BatchKind) or not kind.counts_fees:
        return ""
    targets = Item.objects.filter(operation=operation, state__in=GOOD).values("target_id")
    waiting = Transaction.objects.filter(status__in=WAITING, released_at=None)
    chosen = {"batch__in" if kind.target == "batch" else "pk__in": targets}
    return fees_told(estimated(waiting.filter(**chosen)))


@dataclass(frozen=True, slots=True)
class Becomes:
    """In which status how many will stand after they were judged again."""

    label: str
    look: Look
    count: int


def _becomes(operation: Operation) -> list[Becomes]:
    counted = {
        Status(name.removeprefix(TO)): count
        for name, count in operation.preview.items()
        if name.startswith(TO)
    }
    return [
        Becomes(STATUS_LABELS[status], TRANSACTION_LOOKS[status], count) for status, count in counted.items()
    ]


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item of the table, with what its group is called; of a mailing, its mail."""

    item: ActionItem
    label: str
    color: str
    email: Email | None = None


def items_context(
    operation: Operation, kind: SelectionKind, member: Membership, *, group: str, after: int
) -> dict[str, Any]:
    """The table of items."""
    found = items_of(operation, kind, member, group=group, after=after)
    called = labels(operation, kind)
    mails = mails_by_producer(operation, found.items) if isinstance(kind, SendEmail) else {}
    return {
        "items": [
            ShownItem(one, called[one.group], GROUP_COLORS[one.group], mails.get(one.target_id))
            for one in found.items
        ],
        "has_now": any(one.thing and one.thing.status for one in found.items),
        "group": group,
        "group_label": called.get(group, ""),
        "after": after,
        "next_after": found.after,
        # What was let go moves on after the action has ended.
        "moves": (
            operation.finished_at is not None and any(one.thing and one.thing.moves for one in found.items)
        )
        or any(mail.state in MAIL_UNDER_WAY for mail in mails.values()),
        "poll_seconds": POLL_SECONDS,
    }
