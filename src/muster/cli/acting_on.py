"""Commands that act on transactions: the same operations as on the list of transactions, run here and now."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import click
from django.utils import timezone

from muster.bulk.kinds import SelectionKind, selection_kind_named
from muster.bulk.models import Finding, Item, Operation, OperationState, Outcome, Policy
from muster.bulk.operations import process, start_selection
from muster.bulk.queries import findings_of
from muster.bulk.runner import run
from muster.cli.acting import acting_member, acting_options
from muster.cli.filing import (
    by_status,
    choosing_options,
    chosen_transactions,
    summary_of,
    wait_for_registry,
)
from muster.config.errors import CannotDoIt
from muster.core.counting import counted
from muster.core.findings import fix, sentence
from muster.core.transactions import WAITING
from muster.transactions.queries import visible_transactions


def action_command(name: str, *, can_wait: bool = False) -> click.Command:
    """The command that does what the action of this name does."""
    kind = selection_kind_named(name)

    def command(
        email: str | None,
        organization: str | None,
        as_json: bool,
        check: bool,
        reason: str = "",
        all_ready: bool = False,
        wait: bool = False,
        timeout: float = 0,
        **chosen: Any,
    ) -> int:
        member = acting_member(email, kind.permission, organization=organization)
        if all_ready:
            chosen["statuses"] = tuple(WAITING[:1])
        elif not any(chosen.values()):
            raise CannotDoIt(
                "Say which transactions: by --number, --status, --batch, --npn, --state, --cocode."
            )
        operation = start_selection(
            operation_id=uuid4(),
            member=member,
            kind=kind,
            selection=chosen_transactions(member, **chosen).order_by("id"),
            now=timezone.now(),
            params={"reason": reason} if reason else None,
            defer=False,
        )
        run(operation.pk)
        operation.refresh_from_db()
        if operation.state == OperationState.READY and not check:
            policy = Policy(operation.policy)
            process(operation=operation, member=member, policy=policy, now=timezone.now(), defer=False)
            run(operation.pk)
            operation.refresh_from_db()
        if operation.state == OperationState.STALLED:
            raise CannotDoIt("It stopped by a fault of Muster's own; its log says which.")
        targets = Item.objects.filter(operation=operation, target_id__isnull=False).values("target_id")
        acted_on = visible_transactions(member).filter(id__in=targets)
        if wait and not check:
            wait_for_registry(acted_on, timeout=timeout)
        told = summary_of(operation, by_status(acted_on))
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            _tell(kind, operation, told)
        return 1 if told["outcomes"].get(Outcome.REJECTED.value) else 0

    command.__doc__ = f"""{kind.label}: those that the options choose. {kind.note}

    Exit code 0: all of them. 1: some could not be. 2: it cannot be done.
    """
    options = [
        choosing_options,
        click.option("--check", is_flag=True, help="Say what would happen; do nothing."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        acting_options,
    ]
    if kind.needs_reason:
        options.insert(1, click.option("--reason", required=True, help="Why; kept with each of them."))
    if can_wait:
        options[1:1] = [
            click.option("--all-ready", is_flag=True, help="All that are ready to submit."),
            click.option("--wait", is_flag=True, help="Come back when the registry has decided."),
            click.option(
                "--timeout",
                type=click.FloatRange(min=0),
                default=3600,
                show_default=True,
                metavar="SECONDS",
                help="With --wait: how long to wait at most.",
            ),
        ]
    callback: Any = command
    for option in reversed(options):
        callback = option(callback)
    return click.command()(callback)


def _said(found: Finding) -> str:
    about = {"field": found.field, "value": found.value, "params": found.params}
    return f"{sentence(found.code, **about)} {fix(found.code, **about)}"


def _tell(kind: SelectionKind, operation: Operation, told: dict[str, Any]) -> None:
    if not operation.rows:
        click.echo("No transaction is chosen; nothing was done.")
        return
    outcomes = told["outcomes"]
    refused = outcomes.get(Outcome.REJECTED.value, 0)
    done = sum(outcomes.get(outcome, 0) for outcome in ("created", "updated"))
    would_be = "" if operation.started_at else "would be "
    click.echo(f"{counted(done, 'transaction,transactions')} {would_be}{kind.done}, {refused:,} not.")
    for text in dict.fromkeys(map(_said, findings_of(operation))):
        click.echo(f"  {text}", err=True)
    for status, count in told["transactions"].items():
        click.echo(f"  {count:>9,} {status.replace('_', ' ')}")
