"""Where a request leads once it is made, and what is said there."""

from __future__ import annotations

from django.urls import reverse

from muster.bulk.kinds import kind_of
from muster.bulk.models import Item, ItemState, Operation, OperationState
from muster.console.transactions.address import query_of
from muster.core.counting import counted
from muster.transactions.queries import Selection

MOST_SAID = 3
"""What became of so many requests is said in full."""


def landing_of(operation: Operation) -> str:
    """The transactions that an operation made, once it is done; until then, how it stands."""
    if operation.state != OperationState.DONE:
        return reverse("import-detail", args=[operation.pk])
    return transactions_of(operation)


def transactions_of(operation: Operation, *statuses: str) -> str:
    """The list of the transactions that an operation made, or of those in these statuses."""
    return reverse("transaction-list") + query_of(Selection(operation=operation.pk, statuses=statuses))


def said_of(operation: Operation) -> str:
    """What became of the requests of an operation that is done."""
    kind = kind_of(operation)
    written = Item.objects.filter(operation=operation, state=ItemState.APPLIED).order_by("row_no")
    results = [result or {} for result in written.values_list("result", flat=True)]
    if len(results) <= MOST_SAID:
        return " ".join(kind.say(result) for result in results)
    made = sum(result.get("made", 0) for result in results)
    return f"{counted(made, 'transaction was,transactions were')} made."
