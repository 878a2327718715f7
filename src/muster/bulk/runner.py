"""Carries an operation through its phase: checking to ready, running to done. Safe to start many times."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from muster.audit.operations import EventKind, record
from muster.bulk.apply import NothingWritten, apply
from muster.bulk.beat import sole_runner
from muster.bulk.check import Canceled, check, set_back
from muster.bulk.hooks import run_finish_hooks
from muster.bulk.kinds import Kind, kind_of
from muster.bulk.models import Item, ItemState, Operation, OperationState, Outcome, Policy
from muster.bulk.operations import GOES_ON, process
from muster.bulk.parts import drop_parts
from muster.bulk.queries import starter_of
from muster.bulk.states import NOT_DONE, UNDER_WAY, move

logger = logging.getLogger(__name__)

# A chunk that fails for a reason of the moment (a deadlock, a lost connection) is tried again by the sweeper.
MOST_REVIVALS = 5


def run(operation_id: UUID) -> None:
    """Do what the operation waits for; return at once where another process does it or nothing waits."""
    # A job that came while the operation was held has gone again; what it came for is looked for here.
    while _run_phase(operation_id):
        continue


def _run_phase(operation_id: UUID) -> bool:
    with sole_runner(operation_id) as ours:
        if not ours:
            return False
        operation = Operation.objects.filter(pk=operation_id, state__in=UNDER_WAY).first()
        if operation is None:
            return False
        kind = kind_of(operation)
        try:
            if operation.state == OperationState.CHECKING:
                _check(operation, kind)
            else:
                _process(operation, kind)
        except Canceled:
            _finish(operation, kind, OperationState.CANCELED)
        except (OperationalError, InterfaceError):
            # Of the moment: the database was gone, or busy. The sweeper has it tried again.
            raise
        except Exception:
            # A fault of ours would come again in each try; people are told at once, and the log says which.
            move(operation.pk, to=OperationState.STALLED, beat_at=None)
            raise
        return True


def _check(operation: Operation, kind: Kind) -> None:
    Operation.objects.filter(pk=operation.pk).update(beat_at=timezone.now())
    if operation.check_once_more:
        set_back(operation)
    if not check(operation, kind):
        move(operation.pk, to=OperationState.BLOCKED, checked_at=timezone.now(), beat_at=None)
        return
    preview = kind.preview(operation) | _left_out(operation)
    # In one: a death in between would leave what nobody looks at waiting for somebody.
    with transaction.atomic():
        ready = move(
            operation.pk,
            to=OperationState.READY,
            provided=Q(cancel_requested=False, check_once_more=False),
            preview=preview,
            checked_at=timezone.now(),
            beat_at=None,
            revivals=0,
        )
        if ready and operation.params.get(GOES_ON):
            _go_on(operation, kind)
    if not ready and Operation.objects.filter(pk=operation.pk, cancel_requested=True).exists():
        raise Canceled


def _go_on(operation: Operation, kind: Kind) -> None:
    """Process what nobody is asked about again, once; cancel it if its starter no longer may."""
    operation.refresh_from_db()
    if operation.started_at is not None:
        return
    member = starter_of(operation)
    if member is None or not member.may(kind.permission):
        _finish(operation, kind, OperationState.CANCELED)
    else:
        process(
            operation=operation,
            member=member,
            policy=Policy(operation.policy),
            now=timezone.now(),
            defer=False,
        )


def _process(operation: Operation, kind: Kind) -> None:
    Operation.objects.filter(pk=operation.pk).update(beat_at=timezone.now())
    try:
        if not (operation.policy == Policy.ALL_OR_NOTHING and _rejected(operation)):
            apply(operation, kind)
    except NothingWritten as nothing:
        logger.info(
            "nothing written", extra={"operation": str(operation.pk), "refused": len(nothing.refused)}
        )
    failed = _rejected(operation)
    _finish(operation, kind, OperationState.DONE_WITH_FAILURES if failed else OperationState.DONE)


def _rejected(operation: Operation) -> bool:
    return Item.objects.filter(operation=operation, state__in=NOT_DONE).exists()


def _left_out(operation: Operation) -> dict[str, int]:
    by_state = _count_by(operation, "state")
    return {
        Outcome.DUPLICATE.value: by_state.get(ItemState.SKIPPED, 0),
        Outcome.REJECTED.value: sum(by_state.get(state, 0) for state in NOT_DONE),
    }


def _finish(operation: Operation, kind: Kind, state: OperationState) -> None:
    now = timezone.now()
    with transaction.atomic():
        Item.objects.filter(operation=operation, state=ItemState.REJECTED).update(outcome=Outcome.REJECTED)
        outcomes = dict.fromkeys(Outcome.values, 0)
        outcomes |= {name: n for name, n in _count_by(operation, "outcome").items() if name}
        if not move(operation.pk, to=state, outcomes=outcomes, finished_at=now, beat_at=None, revivals=0):
            return
        operation.refresh_from_db()
        drop_parts(operation.pk)
        if operation.started_at:
            kind.finished(operation)
        record(
            EventKind.OPERATION_FINISHED,
            organization_id=operation.organization_id,
            by_id=operation.by_id,
            operation_id=operation.pk,
            data={"kind": operation.kind, "state": state.value, "outcomes": outcomes},
        )
        run_finish_hooks(operation, now)


def _count_by(operation: Operation, column: str) -> dict[str, int]:
    counted = Item.objects.filter(operation=operation).values_list(column).annotate(n=Count("row_no"))
    return dict(counted.order_by(column))


def revive(operation_id: UUID) -> bool:
    """Count one more try of an operation that fell silent; say whether to run it, or stall it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bulk_operation SET revivals = revivals + 1, beat_at = now() WHERE id = %s AND state IN"
            " ('checking', 'running') RETURNING revivals",
            [operation_id],
        )
        found = cursor.fetchone()
    if found is None:
        return False
    if found[0] > MOST_REVIVALS:
        move(operation_id, to=OperationState.STALLED, beat_at=None)
        logger.error("operation stalled", extra={"operation": str(operation_id)})
        return False
    return True
