"""Starting an action from a list or from a page; what is little is done while a person waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from muster.access.gate import StaffRequest
from muster.bulk import operations
from muster.bulk.kinds import SelectionKind, UnknownKind, selection_kind_named
from muster.bulk.models import Operation, OperationState, Policy
from muster.bulk.runner import run
from muster.notices.completion import TOLD_ON_PAGE

BACK = "back"
"""The parameter of an action that says to which list it goes back."""

ENDED = (OperationState.DONE, OperationState.DONE_WITH_FAILURES, OperationState.CANCELED)


def kind_for(request: StaffRequest, name: str, target: str) -> SelectionKind:
    """The action of that name. Raises Http404, and PermissionDenied where the person may not do it.

    Who posts by hand what no page offers them is on record.
    """
    try:
        kind = selection_kind_named(name)
    except UnknownKind:
        raise Http404 from None
    if kind.target != target:
        raise Http404
    if not request.member.may(kind.permission):
        operations.note_refused(member=request.member, kind=kind)
        raise PermissionDenied
    return kind


def ticked_in(request: StaffRequest, *, most: int) -> list[str]:
    """The numbers of what was ticked: a page of a list at most."""
    numbers = request.POST.getlist("number")[:most]
    return [number for number in numbers if number.isascii() and number.isdecimal() and len(number) < 19]


def start(
    request: StaffRequest,
    kind: SelectionKind,
    selection: QuerySet[Any],
    *,
    told: str,
    back: str,
    few: bool,
    params: Mapping[str, Any] | None = None,
) -> Operation:
    """Start the action and have it checked: at once where it is about few things, else by a worker.

    `told` says what was selected: with the id that came with the page it makes the action's own, so that
    posting the same twice starts one, and something else from the same page starts another. `params` are
    further parameters of the operation. Raises Http404 for the id of another organization's.
    """
    try:
        operation = operations.start_selection(
            operation_id=_id(request, f"{kind.name} {told}"),
            member=request.member,
            kind=kind,
            selection=selection,
            now=timezone.now(),
            params={BACK: back, **(params or {})} | ({TOLD_ON_PAGE: True} if few else {}),
            defer=not few,
        )
    except operations.NotThisOne:
        raise Http404 from None
    if few:
        carry_on(operation)
    return operation


def _id(request: StaffRequest, told: str) -> UUID:
    try:
        operation_id = uuid5(UUID(request.POST.get("operation", "")), told)
    except ValueError:
        return uuid4()
    # Whoever goes back to a page and does the same once more means it.
    ended = Operation.objects.filter(pk=operation_id, state__in=ENDED).exists()
    return uuid4() if ended else operation_id


def carry_on(operation: Operation) -> None:
    """Do what the action waits for, while a person waits."""
    run(operation.pk)
    operation.refresh_from_db()


def do_now(
    request: StaffRequest, kind: SelectionKind, selection: QuerySet[Any], *, told: str, back: str, reason: str
) -> Operation:
    """Check and do an action on one thing, in one go."""
    operation = start(request, kind, selection, told=told, back=back, few=True)
    if operation.state == OperationState.READY:
        process(request, operation, reason=reason)
    return operation


def process(
    request: StaffRequest, operation: Operation, *, reason: str = "", params: Mapping[str, Any] | None = None
) -> None:
    """Do what was checked; `params` are what else was decided. Raises CannotStart."""
    few = bool(operation.params.get(TOLD_ON_PAGE))
    operations.process(
        operation=operation,
        member=request.member,
        policy=Policy.GOOD_ROWS,
        now=timezone.now(),
        params=({"reason": reason} if reason else {}) | dict(params or {}),
        defer=not few,
    )
    if few:
        carry_on(operation)
