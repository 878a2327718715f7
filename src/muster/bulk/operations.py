"""What people do with operations: upload, process, cancel, map a value, check again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from muster.access.models import Membership
from muster.audit.operations import EventKind, record
from muster.bulk.kinds import Kind, SelectionKind, UploadKind, kind_of
from muster.bulk.models import Item, ItemState, Operation, OperationState, Policy
from muster.bulk.parts import drop_parts, store_parts
from muster.bulk.queue import defer_run
from muster.bulk.selection import take_selection
from muster.bulk.states import GOOD, NOT_DONE, UNDER_WAY, move
from muster.bulk.store import add_pending, storable

GOES_ON = "goes_on"
"""The parameter of an operation that is processed as soon as it is checked: nobody looks at a check page."""

MENDED_BY = "mended_by"
"""The parameter that names who, beside its starter, has changed what an operation writes."""

ANEW = "anew"
"""The parameter of an operation whose good items are to be judged again with the others."""


class CannotStart(Exception):
    """The operation is not in a state from which this can be done; the message says what it is doing."""


class NotThisOne(Exception):
    """An operation with this id exists and belongs to somebody else."""


def start_upload(
    *,
    operation_id: UUID,
    member: Membership,
    kind: UploadKind,
    source_name: str,
    content: Iterable[bytes],
    now: datetime,
    params: Mapping[str, Any] | None = None,
    policy: Policy = Policy.GOOD_ROWS,
    defer: bool = True,
) -> Operation:
    """Take in a file and queue its check. The id comes with the page: posting it twice starts one operation.

    `defer=False` leaves the running to the caller (`muster.bulk.runner.run`). Raises NotThisOne.
    """
    with transaction.atomic():
        operation, is_new = _open(
            operation_id,
            member,
            kind,
            now=now,
            policy=policy,
            source_name=(storable(source_name) or "")[:255],
            params=dict(params or {}),
        )
        if not is_new:
            return operation
        operation.total = store_parts(operation.pk, content)
        operation.save(update_fields=["total"])
        _record(
            EventKind.OPERATION_UPLOADED,
            operation,
            by_id=member.user_id,
            data={"file": operation.source_name},
        )
        if defer:
            defer_run(operation.pk)
    return operation


def start_selection(
    *,
    operation_id: UUID,
    member: Membership,
    kind: Kind,
    selection: QuerySet[Any],
    now: datetime,
    params: Mapping[str, Any] | None = None,
    policy: Policy = Policy.GOOD_ROWS,
    defer: bool = True,
) -> Operation:
    """Keep what the selection holds now as items, in its order, and queue their check.

    The selection must come from `visible_to`. Its ids go from table to table and never leave the database.
    The id comes with the page: posting it twice starts one operation. Raises NotThisOne.
    """
    with transaction.atomic():
        operation, is_new = _open(
            operation_id, member, kind, now=now, policy=policy, params=dict(params or {})
        )
        if is_new:
            operation.rows = operation.total = take_selection(operation.pk, selection)
            operation.save(update_fields=["rows", "total"])
            _record(
                EventKind.OPERATION_SELECTED, operation, by_id=member.user_id, data={"rows": operation.rows}
            )
            if defer:
                defer_run(operation.pk)
    return operation


def start_rows(
    *,
    operation_id: UUID,
    member: Membership,
    kind: UploadKind,
    rows: Sequence[Mapping[str, str]],
    now: datetime,
    params: Mapping[str, Any] | None = None,
    defer: bool = True,
) -> Operation:
    """Take in rows that stand in no file, as texts by column key, and queue their check; numbered from 1.

    They are judged, written, mended and told like the rows of a file. Posting them twice under one id starts
    one operation. Raises NotThisOne.
    """
    with transaction.atomic():
        operation, is_new = _open(
            operation_id, member, kind, now=now, policy=Policy.GOOD_ROWS, params=dict(params or {})
        )
        if not is_new:
            return operation
        columns = list(kind.columns(member.organization_id))
        operation.header = [column.header for column in columns]
        operation.source_facts = {
            "sensitive": [index for index, column in enumerate(columns) if column.sensitive],
            "unknown": [],
            "numeric": [index for index, column in enumerate(columns) if column.numeric],
        }
        operation.rows = operation.total = len(rows)
        operation.save(update_fields=["header", "source_facts", "rows", "total"])
        add_pending(
            operation.pk,
            ([row.get(column.key, "") for column in columns] for row in rows),
            sealed=operation.source_facts["sensitive"],
        )
        _record(EventKind.OPERATION_REQUESTED, operation, by_id=member.user_id, data={"rows": len(rows)})
        if defer:
            defer_run(operation.pk)
    return operation


def _open(
    operation_id: UUID, member: Membership, kind: Kind, *, now: datetime, policy: Policy, **facts: Any
) -> tuple[Operation, bool]:
    operation, is_new = Operation.objects.get_or_create(
        pk=operation_id,
        defaults={
            "organization_id": member.organization_id,
            "kind": kind.name,
            "by_id": member.user_id,
            "state": OperationState.CHECKING,
            "policy": policy,
            "beat_at": now,
            **facts,
        },
    )
    if operation.organization_id != member.organization_id:
        raise NotThisOne
    return operation, is_new


def process(
    *,
    operation: Operation,
    member: Membership,
    policy: Policy,
    now: datetime,
    params: Mapping[str, Any] | None = None,
    defer: bool = True,
) -> None:
    """Write the good rows. Doing it twice does it once. Raises CannotStart.

    Of a selection, whoever confirms is who acts, whoever asked for the check: permissions, and who may not
    see the same filing twice, hang on that. `params` are what was decided after the check, such as a reason;
    they are kept with the others.
    """
    decided: dict[str, Any] = {"params": {**operation.params, **params}} if params else {}
    if isinstance(kind_of(operation), SelectionKind):
        decided["by_id"] = member.user_id
    with transaction.atomic():
        good = Item.objects.filter(operation=operation, state__in=GOOD).count()
        if not move(
            operation.pk,
            to=OperationState.RUNNING,
            policy=policy,
            total=good,
            done=0,
            started_at=now,
            finished_at=None,
            beat_at=now,
            revivals=0,
            cancel_requested=False,
            **decided,
        ):
            operation.refresh_from_db()
            if operation.state in (
                OperationState.RUNNING,
                OperationState.DONE,
                OperationState.DONE_WITH_FAILURES,
            ):
                return
            raise CannotStart(
                f"This {_called(operation)} is “{operation.get_state_display()}”; it cannot be processed now."
            )
        _record(
            EventKind.OPERATION_STARTED,
            operation,
            by_id=member.user_id,
            data={"policy": policy, "rows": good},
        )
        if defer:
            defer_run(operation.pk)


def cancel(*, operation: Operation, member: Membership, now: datetime) -> None:
    """Stop at the next chunk, or at once where nothing runs; written rows stay. Raises CannotStart."""
    with transaction.atomic():
        asked = Operation.objects.filter(pk=operation.pk, state__in=UNDER_WAY).update(cancel_requested=True)
        if not asked and not move(operation.pk, to=OperationState.CANCELED, finished_at=now, beat_at=None):
            raise CannotStart(f"This {_called(operation)} has ended already; there is nothing to cancel.")
        if not asked:
            drop_parts(operation.pk)
        _record(EventKind.OPERATION_CANCELED, operation, by_id=member.user_id)


def map_value(
    *,
    operation: Operation,
    member: Membership,
    field: str,
    value: str,
    replacement: str,
    now: datetime,
    defer: bool = True,
) -> None:
    """Read `value` in the column `field` as `replacement` from now on, and check the rejected rows again."""
    kind = kind_of(operation)
    if not isinstance(kind, UploadKind):
        raise CannotStart("Only values of an uploaded file can be mapped.")
    column = next(
        (column for column in kind.columns(operation.organization_id) if column.header == field), None
    )
    if column is None or column.sensitive:
        raise CannotStart(f"Values of “{field}” cannot be mapped; mend them in the file.")
    with transaction.atomic():
        held = Operation.objects.select_for_update().get(pk=operation.pk)  # two people may map at once
        mappings: dict[str, dict[str, str]] = held.params.setdefault("mappings", {})
        mappings.setdefault(column.key, {})[value] = replacement
        if member.user_id != held.by_id:
            held.params[MENDED_BY] = member.user_id
        held.save(update_fields=["params"])
        _record(
            EventKind.OPERATION_VALUE_MAPPED,
            operation,
            by_id=member.user_id,
            data={"field": field, "value": value, "replacement": replacement},
        )
        check_again(operation=operation, member=member, now=now, defer=defer)


def check_again(*, operation: Operation, member: Membership, now: datetime, defer: bool = True) -> None:
    """Have every row judged again that was rejected, skipped or failed. Raises CannotStart.

    Rows that are written stay as they are, so an operation that has ended can be mended and go on. A check
    that is under way looks once more before it ends.
    """
    with transaction.atomic():
        operation.refresh_from_db()
        if operation.rows_purged:
            raise CannotStart("What this file said was deleted after its retention time; upload it again.")
        if operation.state == OperationState.CANCELED and operation.checked_at is None:
            raise CannotStart("This file was not read to its end; upload it again.")
        under_way = Operation.objects.filter(pk=operation.pk, state=OperationState.CHECKING)
        if under_way.update(check_once_more=True):
            return
        rows = Item.objects.filter(operation=operation, state__in=[*NOT_DONE, ItemState.SKIPPED]).count()
        if not move(
            operation.pk,
            to=OperationState.CHECKING,
            check_once_more=True,
            total=rows,
            done=0,
            beat_at=now,
            revivals=0,
            cancel_requested=False,
            finished_at=None,
        ):
            operation.refresh_from_db()
            raise CannotStart(
                f"This {_called(operation)} is “{operation.get_state_display()}”; "
                "it cannot be checked again now."
            )
        _record(EventKind.OPERATION_RETRIED, operation, by_id=member.user_id, data={"rows": rows})
        if defer:
            defer_run(operation.pk)


def check_anew(
    *, operation: Operation, member: Membership, params: Mapping[str, Any], now: datetime, defer: bool = True
) -> None:
    """Have every item of a selection judged again that is not written, by other terms. Raises CannotStart.

    `params` are the terms, kept with the others. Only what waits for a person is checked anew.
    """
    with transaction.atomic():
        decided = {**operation.params, **params, ANEW: True}
        waits = Operation.objects.filter(pk=operation.pk, state=OperationState.READY, started_at=None)
        if not waits.update(
            state=OperationState.CHECKING,
            check_once_more=True,
            total=operation.rows,
            done=0,
            beat_at=now,
            revivals=0,
            cancel_requested=False,
            params=decided,
        ):
            operation.refresh_from_db()
            raise CannotStart(
                f"This {_called(operation)} is “{operation.get_state_display()}”; it cannot be changed now."
            )
        _record(EventKind.OPERATION_RETRIED, operation, by_id=member.user_id, data={"rows": operation.rows})
        if defer:
            defer_run(operation.pk)


def note_refused(*, member: Membership, kind: Kind, operation_id: UUID | None = None) -> None:
    """Put on record that somebody asked for an action that they may not do."""
    record(
        EventKind.ACTION_REFUSED,
        organization_id=member.organization_id,
        by_id=member.user_id,
        operation_id=operation_id,
        subject=f"operation:{operation_id}" if operation_id else "",
        data={"kind": kind.name},
    )


def _called(operation: Operation) -> str:
    return "import" if isinstance(kind_of(operation), UploadKind) else "action"


def _record(
    kind: EventKind, operation: Operation, *, by_id: int | None, data: dict[str, Any] | None = None
) -> None:
    record(
        kind,
        organization_id=operation.organization_id,
        by_id=by_id,
        operation_id=operation.pk,
        subject=f"operation:{operation.pk}",
        data={"kind": operation.kind, **(data or {})},
    )
