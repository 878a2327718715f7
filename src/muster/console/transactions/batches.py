"""The list of batches, and the page of one: what is in it, what it costs, its review."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.carriers.models import FilingSettings
from muster.console.lists.address import places_in
from muster.console.lists.links import links_of
from muster.console.operations.links import links_of_operations
from muster.console.operations.starting import do_now, kind_for, start, ticked_in
from muster.console.operations.views import reason_in
from muster.console.statuses import TRANSACTION_LOOKS, Look
from muster.console.transactions.address import (
    batch_chips,
    batch_query_of,
    batch_selection_of,
    batch_tabs,
    query_of,
)
from muster.console.transactions.detail import tell
from muster.console.transactions.moving import POLL_SECONDS, SOON_TO_MOVE
from muster.console.transactions.views import buttons, rows_of
from muster.console.transactions.words import BATCH_LOOKS, fees_told
from muster.core.acting import (
    BATCH_ACTION_LABELS,
    BATCH_APPLICABLE,
    PREPARED_IT,
    BatchAction,
    BatchStanding,
    batch_objection,
)
from muster.core.terminating import BATCHING_LABELS
from muster.core.transactions import (
    BATCH_LABELS,
    STATUS_LABELS,
    BatchState,
    batch_number_told,
)
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES
from muster.transactions.actions.batches import BATCH_KINDS
from muster.transactions.batches import (
    PAGE,
    BatchSelection,
    Counts,
    batch_page,
    counts_by_batch_state,
    counts_of,
    matching_batches,
    sums_of,
    visible_batches,
)
from muster.transactions.models import Batch, Transaction
from muster.transactions.queries import Selection, transaction_page

ICONS = {
    BatchAction.REVIEW: "eye-check",
    BatchAction.APPROVE: "circle-check",
    BatchAction.RETURN: "arrow-back-up",
    BatchAction.SUBMIT: "send",
}


@dataclass(frozen=True, slots=True)
class Part:
    """The transactions of a batch in one status, and their share of it in percent."""

    label: str
    look: Look
    count: int
    share: float
    url: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch of the list."""

    batch: Batch
    look: Look
    counts: Counts
    parts: list[Part]


@require_safe
@needs(Permission.READ)
def batch_list(request: StaffRequest) -> HttpResponse:
    """Batches, searched and filtered as the address says, the newest first."""
    member, selection = request.member, batch_selection_of(request.GET)
    lines, page = batch_page(member, selection, **places_in(request.GET))
    return render(
        request,
        "batches/list.html",
        {
            "rows": [
                BatchRow(
                    line.batch,
                    BATCH_LOOKS[BatchState(line.batch.state)],
                    line.counts,
                    _parts(line.batch, line.counts),
                )
                for line in lines
            ],
            "total": page.total,
            "selection": selection,
            "tabs": batch_tabs(selection, counts_by_batch_state(member)),
            "chips": batch_chips(selection),
            "buttons": buttons(BATCH_KINDS, ICONS, member, _offered(selection)),
            "operation_id": uuid4(),
            "here": batch_query_of(selection),
            **links_of(page, selection, batch_query_of),
        },
    )


def _offered(selection: BatchSelection) -> list[BatchAction]:
    state = selection.state
    return [action for action, of in BATCH_APPLICABLE.items() if not state or state in of]


def _parts(batch: Batch, counts: Counts) -> list[Part]:
    whole = max(1, counts.total)
    return [
        Part(
            STATUS_LABELS[status],
            look,
            count,
            round(count * 100 / whole, 2),
            reverse("transaction-list") + query_of(Selection(batch=batch.number, statuses=(status.value,))),
        )
        for status, look in TRANSACTION_LOOKS.items()
        if (count := counts.by_status.get(status, 0))
    ]


@require_POST
@needs(Permission.READ)
def act(request: StaffRequest) -> HttpResponse:
    """Do something with the batches that are ticked, or with all that match: first it is confirmed."""
    kind = kind_for(request, request.POST.get("action", ""), "batch")
    member, selection = request.member, batch_selection_of(request.GET)
    back = reverse("batch-list") + batch_query_of(selection)
    chosen = visible_batches(member)
    if "all" in request.POST:
        chosen, told, few = matching_batches(chosen, member, selection), back, False
    else:
        ticked = ticked_in(request, most=PAGE)
        if not ticked:
            messages.info(request, f"Tick the batches first, then press {kind.verb}.")
            return redirect(back)
        chosen, told, few = chosen.filter(number__in=ticked), ",".join(ticked), True
    operation = start(request, kind, chosen.order_by("-number"), told=told, back=back, few=few)
    return redirect("operation-detail", operation.pk)


@dataclass(frozen=True, slots=True)
class DoableBatch:
    """A step that this person may take with this batch now."""

    action: BatchAction
    kind: str
    label: str
    icon: str
    note: str
    needs_reason: bool


@require_safe
@needs(Permission.READ)
def batch_detail(request: StaffRequest, number: int) -> HttpResponse:
    """One batch: its review, its transactions, what they cost, how far they are."""
    member = request.member
    batch = _batch_of(request, number)
    counts = counts_of([batch])[batch.pk]
    doables, prepared_it = _doables(request, batch, counts)
    found = transaction_page(
        member,
        Selection(batch=batch.number, order="added"),
        today=timezone.localdate(),
        **places_in(request.GET),
    )
    sums = sums_of(batch)
    under_way = counts.queued + counts.of(*SOON_TO_MOVE)
    return render(
        request,
        "batches/detail.html",
        {
            "batch": batch,
            "look": BATCH_LOOKS[BatchState(batch.state)],
            "batch_states": list(BATCH_LABELS.items()),
            "counts": counts,
            "parts": _parts(batch, counts),
            "rows": rows_of(found.transactions, timezone.localdate()),
            "doables": doables,
            "prepared_it": prepared_it,
            "operation_id": uuid4(),
            "to_come": fees_told(sums.to_come),
            "charged": fees_told(sums.charged) if sums.charged.transactions else "",
            "request_told": _request_told(batch),
            "made_by": links_of_operations(member, [batch.operation_id]).get(batch.operation_id),
            "under_way": under_way,
            "poll_seconds": POLL_SECONDS,
            "list_url": reverse("transaction-list") + query_of(Selection(batch=batch.number)),
            **links_of(found.page, batch, _batch_places),
        },
    )


def _batch_places(batch: Batch, /, **places: str | None) -> str:
    return query_of(Selection(), **places)


def _batch_of(request: StaffRequest, number: int) -> Batch:
    found = visible_batches(request.member).select_related("producer", "prepared_by", "reviewed_by")
    batch: Batch = get_object_or_404(found, number=number)
    return batch


def _doables(request: StaffRequest, batch: Batch, counts: Counts) -> tuple[list[DoableBatch], bool]:
    """The steps that the person may take, and whether it is their own that another must release."""
    member = request.member
    settings = FilingSettings.objects.filter(organization_id=member.organization_id).first()
    two_person = bool(settings and settings.two_person_release)
    is_mine = batch.prepared_by_id == member.user_id or (
        two_person
        and Transaction.objects.filter(
            batch=batch, prepared_by=member.user_id, released_at=None, status__in=("ready", "held")
        ).exists()
    )
    standing = BatchStanding(BatchState(batch.state), counts.waiting, is_mine)
    against = {
        action: batch_objection(action, standing, two_person=two_person)
        for action, kind in BATCH_KINDS.items()
        if member.may(kind.permission)
    }
    found = [
        DoableBatch(
            action,
            kind.name,
            BATCH_ACTION_LABELS[action],
            ICONS[action],
            kind.note,
            kind.needs_reason,
        )
        for action, kind in BATCH_KINDS.items()
        if against.get(action) == ""
    ]
    return found, PREPARED_IT in against.values()


def _request_told(batch: Batch) -> list[tuple[str, str]]:
    """What was asked for, as label and value."""
    asked = batch.request or {}
    told = [
        ("Batches", BATCHING_LABELS.get(asked.get("batches", ""), "")),
        ("Categories", ", ".join(LOA_CATEGORIES.get(one, one) for one in asked.get("categories", ()))),
        ("Agent type", AGENT_TYPES.get(asked.get("agent_type", ""), asked.get("agent_type", ""))),
        ("County", asked.get("county", "")),
        ("Appointment type", asked.get("appointment_type", "")),
        ("Effective date", asked.get("effective_on") or ""),
        ("Left out", ", ".join(asked.get("left_out") or ())),
        ("Submit at once", "yes" if asked.get("submit") else ""),
        ("Submit just-in-time ones", "yes" if asked.get("submit_just_in_time") else ""),
    ]
    return [(label, value) for label, value in told if value]


@require_POST
@needs(Permission.READ)
def do(request: StaffRequest, number: int) -> HttpResponse:
    """Take a step with one batch, at once, and tell on its page what came of it."""
    batch = _batch_of(request, number)
    kind = kind_for(request, request.POST.get("action", ""), "batch")
    reason = reason_in(request)
    page = reverse("batch-detail", args=[batch.number])
    if kind.needs_reason and not reason:
        messages.error(request, f"Say why, then press {kind.verb}: whoever prepared the batch reads it.")
        return redirect(page)
    operation = do_now(
        request,
        kind,
        visible_batches(request.member).filter(pk=batch.pk),
        told=str(number),
        back=page,
        reason=reason,
    )
    tell(request, operation, kind, batch_number_told(number))
    return redirect(page)
