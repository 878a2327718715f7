"""Muster's own turns: the operation that the page and the command start, from file to results file."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from django.utils import timezone

from bench.turn import Clock
from muster.access.models import Membership
from muster.bulk.kinds import upload_kind_named
from muster.bulk.models import Operation, OperationState, Policy
from muster.bulk.operations import process, start_upload
from muster.bulk.results import result_rows
from muster.bulk.runner import run
from muster.core.writing import write_csv

BLOCK_BYTES = 64 * 1024


def import_file(clock: Clock, *, file: str, results: str) -> None:
    """Upload a file, check it, write its rows, write the results file."""
    member = Membership.objects.select_related("organization", "user").get()
    with clock.step("upload"):
        operation = upload(member, file)
    with clock.step("check"):
        carry_on(operation, OperationState.READY)
    with clock.step("process"):
        process(operation=operation, member=member, policy=Policy.GOOD_ROWS, now=timezone.now(), defer=False)
        carry_on(operation, OperationState.DONE)
    with clock.step("results"), open(results, "wb") as target:
        write_csv(result_rows(operation, may_see_sealed=True), target)


def upload(member: Membership, file: str, *, kind: str = "agent") -> Operation:
    """Take in a file as an upload of this kind."""
    return start_upload(
        operation_id=uuid4(),
        member=member,
        kind=upload_kind_named(kind),
        source_name=f"{kind}.csv",
        content=_blocks(file),
        now=timezone.now(),
        defer=False,
    )


def carry_on(operation: Operation, to: OperationState) -> None:
    """Run the operation's phase, and see that it came to where it should."""
    run(operation.pk)
    operation.refresh_from_db()
    if operation.state != to:
        raise RuntimeError(f"the import is {operation.state}, and should be {to}")


def _blocks(file: str) -> Iterator[bytes]:
    with open(file, "rb") as content:
        while block := content.read(BLOCK_BYTES):
            yield block
