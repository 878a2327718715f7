"""`muster remove`."""

from __future__ import annotations

import json
from uuid import uuid4

import click
from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk.models import Item, ItemState, Operation, OperationState
from muster.bulk.operations import note_refused
from muster.bulk.queries import reasons_by_row
from muster.bulk.runner import run
from muster.cli.acting import acting_member, acting_options
from muster.config.errors import CannotDoIt
from muster.core.counting import counted
from muster.core.values import clean_npn
from muster.offboarding.queries import leaving_in
from muster.offboarding.removing import AT_ONCE, ENDED, WHEN, RemoveProducers, told_open
from muster.offboarding.requesting import NotHere, request_removal


@click.command()
@click.argument("npns", metavar="NPN...", nargs=-1, required=True)
@click.option(
    "--when-terminated",
    is_flag=True,
    help="Remove each once the terminations are accepted.",
)
@click.option("--check", is_flag=True, help="Say what is open of them; do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@acting_options
def command(
    npns: tuple[str, ...],
    when_terminated: bool,
    check: bool,
    as_json: bool,
    email: str | None,
    organization: str | None,
) -> int:
    """Remove producers from the organization, by NPN.

    They leave all lists and are watched no longer; what is known of them stays as history. Only an Agency
    Admin may. An NPN of nobody who is here refuses the whole.

    Exit code 0: all of them. 1: some could not be. 2: it cannot be done.
    """
    member = acting_member(email, Permission.READ, organization=organization)
    if not member.may(Permission.REMOVE_PRODUCERS):
        note_refused(member=member, kind=RemoveProducers())
        raise CannotDoIt(f"{member.user.email} may not remove producers: only an Agency Admin may.")
    try:
        operation = request_removal(
            by=member,
            npns=[_clean(text) for text in npns],
            operation_id=uuid4(),
            now=timezone.now(),
            params={WHEN: ENDED if when_terminated else AT_ONCE},
            goes_on=not check,
            defer=False,
        )
    except NotHere as problem:
        raise CannotDoIt(str(problem)) from None
    run(operation.pk)
    run(operation.pk)
    operation.refresh_from_db()
    if operation.state == OperationState.STALLED:
        raise CannotDoIt("It stopped by a fault of Muster's own; its log says which.")
    return _tell(operation, as_json=as_json, check=check)


def _clean(text: str) -> str:
    npn, _ = clean_npn(text)
    if npn is None:
        raise CannotDoIt(f"“{text}” is no NPN: an NPN is a number of up to 10 digits, such as 17654321.")
    return npn


def _tell(operation: Operation, *, as_json: bool, check: bool) -> int:
    items = Item.objects.filter(operation=operation)
    refused = items.filter(state__in=[ItemState.REJECTED, ItemState.FAILED_FINAL]).count()
    waiting = leaving_in(operation.pk, operation.organization_id).count()
    removed = items.filter(state=ItemState.APPLIED).count() - waiting
    still = operation.source_facts.get("open", {})
    if as_json:
        told = {"operation": str(operation.pk), "removed": removed, "waiting": waiting, "refused": refused}
        click.echo(json.dumps({**told, "open": still}))
        return 1 if refused else 0
    if check:
        click.echo(f"{counted(operation.rows - refused, 'producer,producers')} would be removed.")
        click.echo(f"Still open: {told_open(still) or 'nothing.'}")
    else:
        click.echo(f"{counted(removed, 'producer,producers')} removed, {waiting:,} waiting, {refused:,} not.")
    for reasons in reasons_by_row(operation, first=1, last=operation.rows).values():
        for reason in reasons:
            click.echo(f"  {reason}", err=True)
    return 1 if refused else 0
