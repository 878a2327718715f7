"""What the pages of actions read: the action, what it would do or did, and its items."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404

from muster.access.gate import StaffRequest
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.causes import Cause, causes
from muster.bulk.kinds import SelectionKind, selection_kind_named, selection_kinds
from muster.bulk.models import Finding, Item, ItemState, Operation
from muster.bulk.operations import note_refused
from muster.bulk.queries import reasons_by_row
from muster.bulk.states import GOOD, NOT_DONE
from muster.console.operations.targets import Thing, things_of
from muster.core.findings import Severity

ROWS = 50

WILL, DONE, NOT_ALLOWED, NOT_APPLICABLE, FAILED = "will", "done", "not-allowed", "not-applicable", "failed"
GROUPS = (WILL, DONE, NOT_ALLOWED, NOT_APPLICABLE, FAILED)

REFUSED_BY_DATABASE = "ROW-E901"


def actions_of(member: Membership) -> QuerySet[Operation]:
    """The actions on selections that the member's organization has started."""
    names = [kind.name for kind in selection_kinds()]
    return Operation.objects.visible_to(member, Permission.READ).filter(kind__in=names).select_related("by")


def action_of(request: StaffRequest, operation_id: UUID) -> tuple[Operation, SelectionKind]:
    """The action of that id. Raises Http404 where it is not theirs, PermissionDenied where they may not."""
    operation = get_object_or_404(actions_of(request.member), pk=operation_id)
    kind = selection_kind_named(operation.kind)
    if not request.member.may(kind.permission):
        if request.method == "POST":
            note_refused(member=request.member, kind=kind, operation_id=operation.pk)
        raise PermissionDenied
    return operation, kind


@dataclass(frozen=True, slots=True)
class Split:
    """How an action's items part: what it will act on, or has, and what it does not, with the reasons."""

    will: int
    done: int
    not_allowed: list[Cause]
    not_applicable: list[Cause]
    failed: list[Cause]
    warned: list[Cause]

    def count(self, group: str) -> int:
        """How many items a group has."""
        if group == WILL:
            return self.will
        return self.done if group == DONE else sum(cause.count for cause in self.causes(group))

    def causes(self, group: str) -> list[Cause]:
        """Why the items of a group are in it."""
        parts = {NOT_ALLOWED: self.not_allowed, NOT_APPLICABLE: self.not_applicable, FAILED: self.failed}
        return parts.get(group, [])


def split_of(operation: Operation, kind: SelectionKind) -> Split:
    """How the items part, in three queries however many they are."""
    counted = Item.objects.filter(operation=operation).order_by().values_list("state")
    states = Counter(dict(counted.annotate(Count("row_no"))))
    found = causes(operation)
    errors = [cause for cause in found if cause.entry.severity is Severity.ERROR]
    allowed = [cause for cause in errors if cause.code not in kind.not_allowed]
    return Split(
        will=sum(states[state] for state in GOOD),
        done=states[ItemState.APPLIED],
        not_allowed=[cause for cause in errors if cause.code in kind.not_allowed],
        not_applicable=[cause for cause in allowed if cause.code != REFUSED_BY_DATABASE],
        failed=[cause for cause in allowed if cause.code == REFUSED_BY_DATABASE],
        warned=[cause for cause in found if cause.entry.severity is Severity.WARNING],
    )


@dataclass(frozen=True, slots=True)
class ActionItem:
    """One item: what it is about (None: it is gone), which group it is in, why, and what came of it.

    `made` is the number of the transaction that it has become; `target_id` is the id of the thing.
    """

    row_no: int
    thing: Thing | None
    group: str
    reasons: list[str]
    said: str
    made: int | None = None
    target_id: int | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """One page of items; `after` is the row number from which the next page goes on, or None."""

    items: list[ActionItem]
    after: int | None


def items_of(
    operation: Operation,
    kind: SelectionKind,
    member: Membership,
    *,
    group: str = "",
    after: int = 0,
    size: int = ROWS,
) -> Items:
    """A page of items in the order of the selection, in a few queries however many they are."""
    rows = list(_in_group(operation, kind, group).filter(row_no__gt=after).order_by("row_no")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if not rows:
        return Items([], None)
    things = things_of(kind, member, [item.target_id for item in rows if item.target_id])
    first, last = rows[0].row_no, rows[-1].row_no
    reasons = reasons_by_row(operation, first=first, last=last)
    codes = _codes(operation, first, last)
    items = [
        ActionItem(
            item.row_no,
            things.get(item.target_id or 0),
            _group_of(item, codes.get(item.row_no, set()), kind),
            reasons.get(item.row_no, []),
            kind.say(item.result) if item.result else kind.foresee(item.data) if item.state in GOOD else "",
            kind.transaction_of(item.result) if item.result else None,
            item.target_id,
        )
        for item in rows
    ]
    return Items(items, last if more else None)


def _in_group(operation: Operation, kind: SelectionKind, group: str) -> QuerySet[Item]:
    items = Item.objects.filter(operation=operation)
    if group == WILL:
        return items.filter(state__in=GOOD)
    if group == DONE:
        return items.filter(state=ItemState.APPLIED)
    if group not in GROUPS:
        return items
    refused = items.filter(state__in=NOT_DONE)
    of_person = _rows_with(operation, kind.not_allowed)
    if group == NOT_ALLOWED:
        return refused.filter(row_no__in=of_person)
    of_database = _rows_with(operation, {REFUSED_BY_DATABASE})
    if group == FAILED:
        return refused.filter(row_no__in=of_database)
    return refused.exclude(row_no__in=of_person).exclude(row_no__in=of_database)


def _rows_with(operation: Operation, codes: frozenset[str] | set[str]) -> QuerySet[Finding, int | None]:
    found = Finding.objects.filter(operation=operation, code__in=codes, row_no__isnull=False)
    return found.values_list("row_no", flat=True)


def _codes(operation: Operation, first: int, last: int) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    findings = Finding.objects.filter(operation=operation, row_no__range=(first, last))
    for row_no, code in findings.values_list("row_no", "code"):
        found.setdefault(row_no or 0, set()).add(code)
    return found


def _group_of(item: Item, codes: set[str], kind: SelectionKind) -> str:
    if item.state == ItemState.APPLIED:
        return DONE
    if item.state in GOOD or item.state == ItemState.PENDING:
        return WILL
    if not codes.isdisjoint(kind.not_allowed):
        return NOT_ALLOWED
    return FAILED if REFUSED_BY_DATABASE in codes else NOT_APPLICABLE
