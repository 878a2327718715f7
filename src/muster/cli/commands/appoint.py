"""`muster appoint`: one appointment request, by the operation that pages, files and programs use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import click
from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk.models import Operation, OperationState
from muster.bulk.runner import run
from muster.cli.acting import acting_member, acting_options
from muster.cli.filing import by_status, summary_of, tell, told_of, wait_for_registry
from muster.config.errors import CannotDoIt
from muster.core.amounts import dollars
from muster.core.eligibility import standing_of
from muster.core.findings import Finding, fix, sentence
from muster.core.transactions import STATUS_LABELS, Status
from muster.imports.requesting import (
    AppointmentRequest,
    Preview,
    preview_appointments,
    request_appointments,
)
from muster.transactions.queries import visible_transactions

SHOWN = 500


@click.command()
@click.option("--npn", required=True, metavar="NPN", help="The producer.")
@click.option("--state", "states", multiple=True, required=True, metavar="STATE", help="Can be repeated.")
@click.option("--cocode", "cocodes", multiple=True, required=True, metavar="COCODE", help="Can be repeated.")
@click.option(
    "--category",
    "categories",
    multiple=True,
    required=True,
    metavar="LOA",
    help="LOA category, or a line of authority; can be repeated.",
)
@click.option("--agent-type", default="", metavar="TYPE", help="producer, adjuster or surplus_lines.")
@click.option("--county", default="", help="Needed for Florida.")
@click.option("--appointment-type", default="", metavar="TYPE", help="Needed for South Carolina.")
@click.option("--effective-on", default="", metavar="YYYY-MM-DD", help="Else the day of filing.")
@click.option(
    "--leave-out", "left_out", multiple=True, metavar="LINE", help="Not this line; can be repeated."
)
@click.option("--submit", is_flag=True, help="Let what is eligible go to the registry.")
@click.option("--submit-jit", "submit_just_in_time", is_flag=True, help="Also what could wait for business.")
@click.option("--preview", is_flag=True, help="Show what would come of it; write nothing.")
@click.option("--wait", is_flag=True, help="Come back when the registry has decided what was let go.")
@click.option("--timeout", type=click.FloatRange(min=0), default=600, show_default=True, metavar="SECONDS")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@acting_options
def command(
    preview: bool,
    wait: bool,
    timeout: float,
    as_json: bool,
    email: str | None,
    organization: str | None,
    **asked: Any,
) -> int:
    """Request appointments for one producer: a transaction a line, each with its verdict.

    Exit code 0: requested. 1: refused, with the reason. 2: it cannot be done.
    """
    permission = Permission.READ if preview else Permission.PREPARE_FILINGS
    member = acting_member(email, permission, organization=organization)
    request = AppointmentRequest(**asked)
    if preview:
        seen = preview_appointments(by=member, requests=[request], today=timezone.localdate())
        if as_json:
            click.echo(json.dumps(_previewed(seen), ensure_ascii=False))
        else:
            _show(seen)
        return 1 if seen.rejected else 0
    operation = request_appointments(
        by=member, requests=[request], operation_id=uuid4(), now=timezone.now(), defer=False
    )
    run(operation.pk)
    operation.refresh_from_db()
    if operation.state == OperationState.STALLED:
        raise CannotDoIt("The request stopped by a fault of Muster's own; its log says which.")
    made = visible_transactions(member).filter(batch__operation_id=operation.pk)
    if wait:
        wait_for_registry(made, timeout=timeout)
    told = summary_of(operation, by_status(made))
    if as_json:
        rows = made.select_related("producer").order_by("number")
        click.echo(json.dumps(told | {"lines": [told_of(one) for one in rows]}, ensure_ascii=False))
    else:
        _tell_findings(told["findings"])
        if operation.outcomes.get("unchanged"):
            click.echo("The same request has the same answer as before; nothing new was made.")
        tell(made, limit=SHOWN)
    return _code(operation)


def _code(operation: Operation) -> int:
    return 1 if operation.outcomes.get("rejected") else 0


def _tell_findings(findings: Sequence[dict[str, Any]]) -> None:
    for found in findings:
        click.echo(f"{found['severity']}: {found['message']}", err=True)


def _previewed(seen: Preview) -> dict[str, Any]:
    return {
        "findings": [_found(found) for found in seen.findings],
        "forecast": seen.forecast._asdict(),
        "lines": [
            {
                "state": answer.plan.state,
                "cocode": answer.plan.cocode,
                "line": line.verdict.line.line.line_name if line.verdict.line else "",
                "license": line.verdict.license.number if line.verdict.license else "",
                "status": line.verdict.status.value,
                "reason": line.verdict.reason,
                "eligibility_reason": _reason(line),
                "state_fee": line.state_fee,
                "registry_fee": line.registry_fee,
                "unchanged": not answer.is_new,
            }
            for answer in seen.answers
            for line in answer.lines
        ],
    }


def _found(found: Finding) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity.value,
        "row": found.row,
        "field": found.field,
        "value": found.value,
        "message": _sentence(found),
    }


def _sentence(found: Finding) -> str:
    return sentence(found.code, field=found.field, value=found.value, params=found.params)


def _reason(line: Any) -> str:
    failures = line.verdict.failures
    return standing_of(line.verdict.status, line.verdict.reason, failures[0].params if failures else {})


def _show(seen: Preview) -> None:
    for found in seen.findings:
        mend = fix(found.code, field=found.field, value=found.value, params=found.params)
        click.echo(f"{found.severity.value}: {_sentence(found)} {mend}", err=True)
    for answer in seen.answers:
        for line in answer.lines:
            status = STATUS_LABELS[Status(line.verdict.status)]
            name = line.verdict.line.line.line_name if line.verdict.line else "no line"
            fee = _fee(line.state_fee, line.registry_fee) if not line.verdict.failures else ""
            click.echo(
                f"{answer.plan.state}  {answer.plan.cocode}  {status:<16}  {name}: {_reason(line)}{fee}"
            )
    click.echo("Nothing was written.")


def _fee(state: int | None, registry: int | None) -> str:
    parts = ("state", state), ("registry", registry)
    told = (f"{who} {'unknown' if cents is None else dollars(cents)}" for who, cents in parts)
    return f"; fees: {', '.join(told)}"
