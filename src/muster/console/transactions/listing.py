"""The list of transactions as a listing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.kinds import SelectionKind
from muster.console.lists.asking import Narrowing
from muster.console.lists.listing import Column, Listing
from muster.console.transactions.address import Asked, query_of, selection_of
from muster.console.transactions.steps import ICONS
from muster.core.transactions import APPLICABLE
from muster.reports.subjects.transactions import TRANSACTIONS as SUBJECT
from muster.transactions.actions.acting import TransactionAction
from muster.transactions.actions.transactions import TRANSACTION_KINDS
from muster.transactions.queries import matching, order_of, visible_transactions


def rows(member: Membership, asked: Asked) -> QuerySet[Any]:
    """All that match, in the list's order."""
    found = matching(visible_transactions(member), member, asked, today=timezone.localdate())
    return Narrowing(SUBJECT, asked, member)(found).order_by(*order_of(asked).by)


def offers(asked: Asked, kind: SelectionKind) -> bool:
    """Whether the action makes sense for some of what the list shows."""
    shown = set(asked.statuses)
    applies = not isinstance(kind, TransactionAction) or not APPLICABLE[kind.action].isdisjoint(shown)
    return not shown or applies


TRANSACTIONS = Listing(
    name="transactions",
    page="transaction-list",
    subject=SUBJECT,
    asked_of=selection_of,
    query_of=query_of,
    rows=rows,
    row="transactions/row.html",
    key="number",
    columns=(
        Column(
            "number",
            "Transaction",
            "transactions/cells/number.html",
            order="-added",
            fields=("number", "type", "made_at"),
        ),
        Column("producer", "Producer", "transactions/cells/producer.html", fields=("producer", "npn")),
        Column(
            "line",
            "State, line and company",
            "transactions/cells/line.html",
            order="state",
            fields=("state", "line", "company", "cocode"),
        ),
        Column("status", "Status", "transactions/cells/status.html", fields=("status", "reason")),
        Column(
            "state_fee",
            "Fees",
            "transactions/cells/state_fee.html",
            at_end=True,
            fields=("state_fee", "registry_fee"),
        ),
    ),
    icons={TRANSACTION_KINDS[action].name: icon for action, icon in ICONS.items()},
    offers=offers,
)
