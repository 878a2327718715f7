"""The list of transactions, and acting on what is ticked in it, or on all that match."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.kinds import SelectionKind
from muster.console.lists.address import places_in
from muster.console.lists.links import links_of
from muster.console.operations.starting import kind_for, start, ticked_in
from muster.console.transactions.address import (
    DUE_LABELS,
    KIND_LABELS,
    ORDER_LABELS,
    REASON_LABELS,
    RELEASE_LABELS,
    chips,
    query_of,
    selection_of,
    tabs,
)
from muster.console.transactions.steps import ICONS
from muster.console.transactions.words import Deadline, deadline_of, fee_of, fees_told, reason_of
from muster.core.transactions import APPLICABLE, STATUS_LABELS, WAITING, Action
from muster.core.words import states
from muster.transactions.actions.transactions import TRANSACTION_KINDS
from muster.transactions.models import Transaction
from muster.transactions.queries import (
    PAGE,
    Selection,
    counts_by_status,
    estimated,
    matching,
    order_of,
    transaction_page,
    visible_transactions,
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
def transaction_list(request: StaffRequest) -> HttpResponse:
    """Transactions, searched, filtered and ordered as the address says."""
    member, selection, today = request.member, selection_of(request.GET), timezone.localdate()
    found = transaction_page(member, selection, today=today, **places_in(request.GET))
    page = found.page
    return render(
        request,
        "transactions/list.html",
        {
            "rows": rows_of(found.transactions, today),
            "total": page.total,
            "selection": selection,
            "tabs": tabs(selection, counts_by_status(member)),
            "chips": chips(selection),
            "buttons": buttons(TRANSACTION_KINDS, ICONS, member, _offered(selection)),
            "operation_id": uuid4(),
            "fees": _fees(member, selection, page.total, today),
            "here": query_of(selection),
            "states": states(),
            "statuses": {status.value: label for status, label in STATUS_LABELS.items()},
            "reasons": REASON_LABELS,
            "kinds": KIND_LABELS,
            "releases": RELEASE_LABELS,
            "dues": DUE_LABELS,
            "orders": ORDER_LABELS,
            **links_of(page, selection, query_of),
        },
    )


def rows_of(transactions: Sequence[Transaction], today: date) -> list[Row]:
    """Transactions as lists show them."""
    return [Row(one, reason_of(one), fee_of(one), deadline_of(one, today)) for one in transactions]


def _offered(selection: Selection) -> list[Action]:
    """The actions that make sense for some of what the list shows."""
    shown = set(selection.statuses)
    return [action for action, of in APPLICABLE.items() if not shown or not of.isdisjoint(shown)]


def buttons(
    kinds: Mapping[A, type[K]], icons: Mapping[A, str], member: Membership, offered: Collection[A]
) -> list[Button]:
    """The actions on what is ticked that this person may take."""
    return [
        Button(kind.name, kind.verb, icons[action])
        for action, kind in kinds.items()
        if action in offered and member.may(kind.permission)
    ]


def _fees(member: Membership, selection: Selection, total: int | None, today: date) -> str:
    """What all that is shown would cost, where it is to be filed and not too much to add up."""
    waits = bool(selection.statuses) and set(selection.statuses) <= set(WAITING)
    if not total or not waits:
        return ""
    return fees_told(estimated(matching(visible_transactions(member), member, selection, today=today)))


@require_POST
@needs(Permission.READ)
def act(request: StaffRequest) -> HttpResponse:
    """Do something with the transactions that are ticked, or with all that match: first it is confirmed."""
    kind = kind_for(request, request.POST.get("action", ""), "transaction")
    member, selection = request.member, selection_of(request.GET)
    back = reverse("transaction-list") + query_of(selection)
    chosen = visible_transactions(member)
    if "all" in request.POST:
        chosen = matching(chosen, member, selection, today=timezone.localdate())
        told, few = back, False
    else:
        ticked = ticked_in(request, most=PAGE)
        if not ticked:
            messages.info(request, f"Tick the transactions first, then press {kind.verb}.")
            return redirect(back)
        chosen = chosen.filter(number__in=ticked)
        told, few = ",".join(ticked), True
    chosen = chosen.order_by(*order_of(selection).by)
    operation = start(request, kind, chosen, told=told, back=back, few=few)
    return redirect("operation-detail", operation.pk)
