"""The page of one transaction, and what is done on it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.kinds import SelectionKind
from muster.bulk.models import Finding, Item, Operation
from muster.carriers.models import FilingSettings
from muster.console.lists.address import day_in
from muster.console.operations.links import links_of_operations
from muster.console.operations.starting import do_now, kind_for
from muster.console.operations.views import reason_in
from muster.console.transactions.moving import POLL_SECONDS, moves
from muster.console.transactions.steps import FIRST_BUSINESS, doables, step_of
from muster.console.transactions.why import checks_of, rules_of
from muster.console.transactions.words import (
    call_words,
    deadline_of,
    fees_told,
    move_words,
    reason_of,
    who_moved,
)
from muster.core.findings import fix, sentence
from muster.core.licensing import PAYER_LABELS, Payer
from muster.core.transactions import LICENSE_KINDS, WAITING, Status, number_told
from muster.core.words import LOA_CATEGORIES
from muster.transactions.models import Transaction
from muster.transactions.operations import CannotMark, Marked, change_payer, mark_first_business
from muster.transactions.queries import record_of, visible_transactions


def transaction_of(request: StaffRequest, number: int) -> Transaction:
    """The transaction of that number, if it is the organization's own. Raises Http404."""
    found = visible_transactions(request.member).select_related(
        "producer", "batch", "prepared_by", "released_by", "retry_of"
    )
    transaction: Transaction = get_object_or_404(found, number=number)
    return transaction


@require_safe
@needs(Permission.READ)
def detail(request: StaffRequest, number: int) -> HttpResponse:
    """All that is known of one transaction: what it is, where it is, and why."""
    member, today = request.member, timezone.localdate()
    one = transaction_of(request, number)
    record = record_of(one, member)
    settings = FilingSettings.objects.filter(organization_id=member.organization_id).first()
    two_person = bool(settings and settings.two_person_release)
    waits = one.status in WAITING
    may = doables(record, member, two_person=two_person)
    actions = [doable.action for doable in may]
    step = step_of(record, member, actions, two_person=two_person, today=today)
    operations = links_of_operations(
        member, [one.batch.operation_id, *(change.operation_id for change in record.changes)]
    )
    return render(
        request,
        "transactions/detail.html",
        {
            "one": one,
            "batch": one.batch,
            "reason": reason_of(one),
            "categories": [LOA_CATEGORIES.get(code, code) for code in one.categories],
            "step": step,
            "primary": next((doable for doable in may if doable.action == step.does), None),
            "others": [doable for doable in may if doable.action != step.does],
            "marks": one.status == Status.HELD
            and not one.released_at
            and member.may(Permission.PREPARE_FILINGS),
            "is_of_license": record.transaction.kind in LICENSE_KINDS,
            "payers": PAYER_LABELS if waits and member.may(Permission.PREPARE_FILINGS) else {},
            "marks_first": step.does == FIRST_BUSINESS,
            "may_release": member.may(Permission.RELEASE_FILINGS),
            "operation_id": uuid4(),
            "deadline": deadline_of(one, today),
            "estimated": record.estimated,
            "fees": fees_told(record.estimated),
            "charged": fees_told(record.charged) if record.charged else "",
            "charged_parts": record.charged,
            "checks": checks_of(record),
            "rules": rules_of(one),
            "known_on": parse_date((one.batch.facts or {}).get("today", "")),
            "judged_later": bool(one.retry_of_id)
            or any(change.old in (Status.CANCELED, Status.CLOSED) for change in record.changes),
            "changes": [
                (change, move_words(change), who_moved(change), operations.get(change.operation_id))
                for change in record.changes
            ],
            "attempts": [(attempt, call_words(attempt)) for attempt in record.attempts],
            "retries": record.retries,
            "made_by": operations.get(one.batch.operation_id),
            "again_url": _again(one, member),
            "today": today,
            "moves": moves(one),
            "poll_seconds": POLL_SECONDS,
        },
    )


def _again(one: Transaction, member: Membership) -> str:
    """Where it can be requested once more, if that makes sense and is this person's to do."""
    if one.status != Status.NOT_ELIGIBLE or not member.may(Permission.PREPARE_FILINGS):
        return ""
    return reverse("appoint", args=[one.producer.npn])


@require_POST
@needs(Permission.READ)
def do(request: StaffRequest, number: int) -> HttpResponse:
    """Do something with one transaction, at once, and tell on its page what came of it."""
    one = transaction_of(request, number)
    kind = kind_for(request, request.POST.get("action", ""), "transaction")
    reason = reason_in(request)
    page = reverse("transaction-detail", args=[one.number])
    if kind.needs_reason and not reason:
        messages.error(request, f"Say why, then press {kind.verb}: the reason is kept with the transaction.")
        return redirect(page)
    operation = do_now(
        request,
        kind,
        visible_transactions(request.member).filter(pk=one.pk),
        told=str(number),
        back=page,
        reason=reason,
    )
    made = tell(request, operation, kind, number_told(number))
    return redirect(reverse("transaction-detail", args=[made]) if made else page)


def tell(request: StaffRequest, operation: Operation, kind: SelectionKind, what: str) -> int | None:
    """Say what came of an action on one thing; return the number of what was made, if anything was."""
    item = Item.objects.filter(operation=operation).first()
    against = Finding.objects.filter(operation=operation, severity="error").first()
    if against or item is None:
        messages.error(request, f"{what} was not {kind.done}. {_words(against)}".strip())
        return None
    said = kind.say(item.result) if item.result else ""
    messages.success(request, f"{what} was {kind.done}. {said}".strip())
    return (item.result or {}).get("made")


def _words(against: Finding | None) -> str:
    if against is None:
        return ""
    words: dict[str, Any] = {"field": against.field, "value": against.value, "params": against.params}
    return f"{sentence(against.code, **words)} {fix(against.code, **words)}"


@require_POST
@needs(Permission.PREPARE_FILINGS)
def first_business(request: StaffRequest, number: int) -> HttpResponse:
    """Say when the first business was, which begins the state's deadline; submit it too if that is asked."""
    one = transaction_of(request, number)
    on = day_in(request.POST, "on")
    if on is None:
        messages.error(request, "Give the day of the first business, then press the button again.")
        return redirect("transaction-detail", number)
    try:
        marked = mark_first_business(
            by=request.member,
            transactions=visible_transactions(request.member).filter(pk=one.pk),
            on=on,
            submit="submit" in request.POST,
            now=timezone.now(),
        )
    except CannotMark as reason:
        messages.error(request, str(reason))
    else:
        _tell_marked(request, marked)
    return redirect("transaction-detail", number)


@require_POST
@needs(Permission.PREPARE_FILINGS)
def payer(request: StaffRequest, number: int) -> HttpResponse:
    """Say who pays for a license that is applied for, or renewed."""
    one = transaction_of(request, number)
    told = request.POST.get("paid_by", "")
    if told not in PAYER_LABELS:
        messages.error(request, "Choose who pays, then press the button again.")
    elif change_payer(by=request.member, transaction_id=one.pk, paid_by=Payer(told), now=timezone.now()):
        messages.success(request, f"{PAYER_LABELS[told]} pays for {number_told(number)}.")
    else:
        messages.error(request, f"Who pays for {number_told(number)} can no longer be changed: it was sent.")
    return redirect("transaction-detail", number)


def _tell_marked(request: StaffRequest, marked: Marked) -> None:
    if not marked.transactions:
        messages.info(request, "It is no longer held, so there was nothing to mark.")
        return
    told = "The first business is noted."
    if marked.undated:
        told += " Until when the state takes the filing is not known."
    if marked.submitted:
        told += " It was submitted, and goes to the registry by itself."
    messages.success(request, told)
    if marked.kept_back:
        messages.warning(
            request, f"It was not submitted. {sentence(marked.kept_back)} {fix(marked.kept_back)}"
        )
