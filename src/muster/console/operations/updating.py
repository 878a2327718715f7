"""Setting a field of many records: what can be chosen, checking it anew, and taking it back."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils import timezone

from muster.access.gate import StaffRequest
from muster.bulk import operations
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import CannotStart
from muster.bulk.updating import SET, UNDO, Choice, Settable, UpdateFields, can_be_undone, records_to_undo
from muster.console.operations.reads import split_of
from muster.console.operations.starting import BACK, carry_on, process, start
from muster.notices.completion import TOLD_ON_PAGE

LONGEST = 300


class Offer(NamedTuple):
    """A field that can be set, and to what: one of the choices, or what is `written`, None where neither."""

    field: str
    label: str
    choices: list[tuple[Choice, str, bool]]
    written: str | None = None


def updating_context(operation: Operation, kind: UpdateFields) -> dict[str, Any]:
    """What the page of an update shows beside what every action does."""
    chosen = str(operation.params.get(SET, ""))
    is_undo = UNDO in operation.params
    offers = []
    if operation.state == OperationState.READY and not is_undo:
        offers = [
            _offer(kind, operation, one, chosen)
            for one in kind.settable
            if not one.is_written or operation.rows == 1
        ]
    return {
        "updates": offers,
        "chosen_update": chosen,
        "written_update": next((one for one in offers if one.written is not None), None),
        "undecided": bool(offers) and not chosen,
        "takes_back": is_undo,
        "can_undo": can_be_undone(kind, operation, timezone.now()),
    }


def _offer(kind: UpdateFields, operation: Operation, one: Settable, chosen: str) -> Offer:
    field, label, is_written = one
    if is_written:
        of, _, told = chosen.partition(":")
        return Offer(field, label, [], told if of == field else "")
    choices = [
        (one, f"{field}:{one.told}", f"{field}:{one.told}" == chosen)
        for one in kind.choices(operation.organization_id, field)
    ]
    return Offer(field, label, choices)


def do(request: StaffRequest, operation: Operation, kind: UpdateFields) -> None:
    """Set what the form says; where it says something else than was checked, check that first."""
    told = _told(request, operation, kind)
    if operation.state == OperationState.READY and UNDO not in operation.params:
        if not told:
            raise CannotStart("Choose what to set first.")
        if told != operation.params.get(SET) or "look" in request.POST:
            _check(request, operation, told)
            return
    if operation.state == OperationState.READY and not split_of(operation, kind).will:
        raise CannotStart("There is nothing to update: see below why.")
    process(request, operation)


def _told(request: StaffRequest, operation: Operation, kind: UpdateFields) -> str:
    """What the form says is to be set, as `field:value`. Raises CannotStart for what cannot be a value."""
    told = request.POST.get("set", "").replace("\x00", "")[:LONGEST]
    written = next((one for one in kind.settable if one.is_written and told == f"{one.field}:"), None)
    if written is None:
        return told
    value = request.POST.get("value", "").replace("\x00", "").strip()[:LONGEST]
    choice = kind.choice_of(operation.organization_id, written.field, value)
    if choice is None:
        raise CannotStart(
            f"Write the {written.label.lower()}, as ada@example.com, then press the button again."
        )
    return f"{told}{choice.value}"


def _check(request: StaffRequest, operation: Operation, told: str) -> None:
    few = bool(operation.params.get(TOLD_ON_PAGE))
    operations.check_anew(
        operation=operation, member=request.member, params={SET: told}, now=timezone.now(), defer=not few
    )
    if few:
        operation.refresh_from_db()
        carry_on(operation)


def undo(request: StaffRequest, operation: Operation, kind: UpdateFields) -> Operation:
    """Begin to take back what the operation has set: first it is confirmed. Raises CannotStart."""
    if not can_be_undone(kind, operation, timezone.now()):
        raise CannotStart("What was set more than a day ago, or nothing, cannot be taken back.")
    few = bool(operation.params.get(TOLD_ON_PAGE))
    return start(
        request,
        kind,
        records_to_undo(kind, operation),
        told=f"undo {operation.pk}",
        back=str(operation.params.get(BACK, "")),
        few=few,
        params={UNDO: str(operation.pk)},
    )
