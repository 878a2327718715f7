"""What the commands about filings share: choosing transactions, telling of them, waiting for the registry."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from django.db.models import Count, QuerySet
from django.utils import timezone

from muster.access.models import Membership, OrganizationQuerySet
from muster.bulk.models import Operation
from muster.bulk.queries import findings_of
from muster.cli.at_hand import registry_at_hand
from muster.config.errors import CannotDoIt
from muster.core.eligibility import standing_of
from muster.core.findings import sentence
from muster.core.transactions import STATUS_LABELS, WAITING, Status, number_read, number_told
from muster.core.values import clean_cocode, clean_npn, clean_state
from muster.registry.models import GatewayPause
from muster.transactions.models import Transaction
from muster.transactions.queries import Selection, matching, visible_transactions
from muster.transactions.tasks import ask_now, file_now

SECONDS_BETWEEN_LOOKS = 0.5
MOVING = (Status.SUBMITTING, Status.OUTCOME_UNKNOWN, Status.SUBMITTED)


def choosing_options(callback: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a command chooses transactions, as one mapping `chosen`."""
    options = (
        click.option("--number", "numbers", multiple=True, metavar="GT-…", help="This one; can be repeated."),
        click.option(
            "--status",
            "statuses",
            multiple=True,
            type=click.Choice([status.value for status in Status]),
            help="Those in this status; can be repeated.",
        ),
        click.option("--batch", metavar="GB-…", help="Those of this batch."),
        click.option("--npn", metavar="NPN", help="Those of this producer."),
        click.option("--state", metavar="STATE", help="Those in this state."),
        click.option("--cocode", metavar="COCODE", help="Those of this company."),
    )
    for option in reversed(options):
        callback = option(callback)
    return callback


def chosen_transactions(
    member: Membership,
    *,
    numbers: Sequence[str] = (),
    statuses: Sequence[str] = (),
    batch: str | None = None,
    npn: str | None = None,
    state: str | None = None,
    cocode: str | None = None,
) -> OrganizationQuerySet:
    """The member's transactions that the options ask for. Raises CannotDoIt for one that makes no sense."""
    everything = visible_transactions(member)
    if numbers:
        wanted = [_number(text) for text in numbers]
        known = set(everything.filter(number__in=wanted).values_list("number", flat=True))
        if unknown := [number_told(number) for number in wanted if number not in known]:
            raise CannotDoIt(f"There is no transaction {', '.join(unknown)}.")
        everything = everything.filter(number__in=wanted)
    selection = Selection(
        statuses=tuple(statuses),
        batch=_number(batch) if batch else None,
        producer=_cleaned(clean_npn, npn, "an NPN, which has 1 to 10 digits"),
        state=_cleaned(clean_state, state, "a state"),
        cocode=_cleaned(clean_cocode, cocode, "a CoCode, which has five digits"),
    )
    return matching(everything, member, selection, today=timezone.localdate())


def _number(text: str) -> int:
    number = number_read(text)
    if number is None:
        raise CannotDoIt(f"“{text}” is no number of a transaction or batch: write it as GT-00000001.")
    return number


def _cleaned(clean: Callable[[str], tuple[Any, Any]], text: str | None, what: str) -> str:
    if text is None:
        return ""
    value, _ = clean(text)
    if value is None:
        raise CannotDoIt(f"“{text}” is not {what}.")
    return str(value)


def told_of(transaction: Transaction) -> dict[str, Any]:
    """One transaction, as `--json` tells it. Fees are in cents; null is unknown."""
    return {
        "number": number_told(transaction.number),
        "kind": transaction.kind,
        "npn": transaction.producer.npn,
        "state": transaction.jurisdiction,
        "cocode": transaction.cocode,
        "line": transaction.line_name,
        "license": transaction.license_number,
        "status": transaction.status,
        "reason": transaction.reason,
        "eligibility_reason": reason_told(transaction),
        "queued": transaction.released_at is not None,
        "state_fee": transaction.state_fee,
        "registry_fee": transaction.registry_fee,
        "registry_words": transaction.registry_words,
    }


def reason_told(transaction: Transaction) -> str:
    """The Eligibility Reason of a transaction, in the dictionary's words."""
    params = transaction.failures[0][1] if transaction.failures else {}
    return standing_of(transaction.status, transaction.reason, params)


def tell(transactions: QuerySet[Transaction], *, limit: int) -> None:
    """A line a transaction, and how many more there are."""
    shown = list(transactions.select_related("producer").order_by("number")[: limit + 1])
    for one in shown[:limit]:
        line = one.line_name or "no line"
        status = STATUS_LABELS[Status(one.status)]
        click.echo(
            f"{number_told(one.number)}  {one.producer.npn:<10}  {one.jurisdiction}  {one.cocode}  "
            f"{status:<16}  {line}: {reason_told(one)}"
        )
    if len(shown) > limit:
        click.echo(f"… and more; --limit shows more than {limit:,}.")


def by_status(transactions: QuerySet[Transaction]) -> dict[str, int]:
    """How many there are in each status."""
    counted = transactions.order_by().values_list("status").annotate(Count("id"))
    return dict(sorted(counted))


def summary_of(operation: Operation, transactions: Mapping[str, int]) -> dict[str, Any]:
    """An operation in the shape that every command tells."""
    return {
        "operation": str(operation.pk),
        "kind": operation.kind,
        "state": operation.state,
        "rows": operation.rows,
        "blank": operation.blank,
        "outcomes": operation.outcomes or operation.preview,
        "findings": [
            {
                "code": found.code,
                "severity": found.severity,
                "row": found.row_no,
                "field": found.field,
                "value": found.value,
                "message": sentence(found.code, field=found.field, value=found.value, params=found.params),
            }
            for found in findings_of(operation)
        ],
        "transactions": dict(transactions),
    }


def wait_for_registry(transactions: QuerySet[Transaction], *, timeout: float) -> None:
    """Come back when the registry has decided all that was let go of these, or when the time is up.

    Files and asks here and now where this process reaches the registry; else the worker does.
    """
    left = transactions.filter(released_at__isnull=False, status__in=[*WAITING, *MOVING])
    deadline = time.monotonic() + timeout

    def is_over() -> bool:
        return time.monotonic() >= deadline

    with registry_at_hand() as at_hand:
        while not is_over() and left.exists():
            if at_hand:
                file_now(should_stop=is_over)
                ask_now(should_stop=is_over)
            if pause := GatewayPause.objects.first():
                raise CannotDoIt(pause.reason)
            time.sleep(min(SECONDS_BETWEEN_LOOKS, max(0.0, deadline - time.monotonic())))
