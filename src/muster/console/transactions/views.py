"""The list of transactions, and acting on what is ticked in it, or on all that match."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.kinds import SelectionKind
from muster.console.lists.address import places_in
from muster.console.lists.asking import Narrowing, question_chips
from muster.console.lists.links import links_of
from muster.console.lists.pages import page_of_list
from muster.console.lists.shown import list_context
from muster.console.transactions.address import (
    DUE_LABELS,
    KIND_LABELS,
    ORDER_LABELS,
    RELEASE_LABELS,
    Asked,
    chips,
    query_of,
    selection_of,
    tabs,
)
from muster.console.transactions.listing import TRANSACTIONS
from muster.console.transactions.words import Deadline, deadline_of, fee_of, fees_told, reason_of
from muster.core.eligibility import REASON_LABELS
from muster.core.transactions import STATUS_LABELS, WAITING
from muster.core.words import states
from muster.transactions.models import Transaction
from muster.transactions.queries import (
    ORDERS,
    counts_by_status,
    estimated,
    transaction_page,
)

A = TypeVar("A", bound=str)
K = TypeVar("K", bound=SelectionKind)


@dataclass(frozen=True, slots=True)
class Row:
    """One transaction of a list."""

    transaction: Transaction
    reason: str
    fee: str
    deadline: Deadline | None


@dataclass(frozen=True, slots=True)
class Button:
    """An action on what is ticked."""

    kind: str
    label: str
    icon: str


@require_safe
@needs(Permission.READ)
@page_of_list(TRANSACTIONS)
def transaction_list(request: StaffRequest) -> HttpResponse:
    """Transactions, searched, filtered and ordered as the address says."""
    member, selection, today = request.member, selection_of(request.GET), timezone.localdate()
    narrow = Narrowing(TRANSACTIONS.subject, selection, member)
    found = transaction_page(member, selection, today=today, narrow=narrow, **places_in(request.GET))
    page, rows = found.page, rows_of(found.transactions, today)
    return render(
        request,
        "transactions/list.html",
        {
            "rows": rows,
            "total": page.total,
            "selection": selection,
            "tabs": tabs(selection, counts_by_status(member)),
            "chips": [*chips(selection), *question_chips(selection, query_of, TRANSACTIONS.subject)],
            "fees": _fees(member, selection, page.total),
            "states": states(),
            "statuses": {status.value: label for status, label in STATUS_LABELS.items()},
            "reasons": REASON_LABELS,
            "kinds": KIND_LABELS,
            "releases": RELEASE_LABELS,
            "dues": DUE_LABELS,
            "orders": ORDER_LABELS,
            **links_of(page, selection, query_of),
            **list_context(request, TRANSACTIONS, selection, rows, objects=found.transactions, orders=ORDERS),
        },
    )


def rows_of(transactions: Sequence[Transaction], today: date) -> list[Row]:
    """Transactions as lists show them."""
    return [Row(one, reason_of(one), fee_of(one), deadline_of(one, today)) for one in transactions]


def buttons(
    kinds: Mapping[A, type[K]], icons: Mapping[A, str], member: Membership, offered: Collection[A]
) -> list[Button]:
    """The actions on what is ticked that this person may take."""
    return [
        Button(kind.name, kind.verb, icons[action])
        for action, kind in kinds.items()
        if action in offered and member.may(kind.permission)
    ]


def _fees(member: Membership, selection: Asked, total: int | None) -> str:
    """What all that is shown would cost, where it is to be filed and not too much to add up."""
    waits = bool(selection.statuses) and set(selection.statuses) <= set(WAITING)
    if not total or not waits:
        return ""
    return fees_told(estimated(TRANSACTIONS.rows(member, selection)))
