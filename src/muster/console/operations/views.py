"""The page of one action, and what people do on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from muster.access.gate import StaffRequest, View, needs
from muster.access.permissions import Permission
from muster.bulk import operations
from muster.bulk.kinds import SelectionKind
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import CannotStart
from muster.bulk.states import UNDER_WAY
from muster.bulk.updating import UpdateFields
from muster.console.imports.pace import moving
from muster.console.imports.views import row_number
from muster.console.operations import endings, inviting, mailing, removing, renewing, updating
from muster.console.operations.reads import action_of, split_of
from muster.console.operations.standing import context_of
from muster.console.operations.starting import carry_on, process
from muster.core.values import clean_reason
from muster.mailing.sending import SendEmail
from muster.notices.completion import TOLD_ON_PAGE
from muster.offboarding.removing import RemoveProducers
from muster.portals.inviting import InviteToPortal
from muster.transactions.actions.endings import TerminateAppointments
from muster.transactions.actions.renewals import RenewLicenses

LONGEST_REASON = 500

Act = Callable[[StaffRequest, Operation, SelectionKind], HttpResponse | None]


@require_safe
@needs(Permission.READ)
def detail(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """One action: what it would do, how far it is, or what it did."""
    operation, kind = action_of(request, operation_id)
    context = context_of(
        operation,
        kind,
        request.member,
        group=request.GET.get("group", ""),
        after=row_number(request.GET.get("after")),
        person=row_number(request.GET.get("person")),
    )
    return render(request, "operations/detail.html", context)


@require_safe
@needs(Permission.READ)
def progress(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """How far it is; once it has come to its next state, all of that state, and no more polling."""
    operation, kind = action_of(request, operation_id)
    if not request.htmx:
        return redirect("operation-detail", operation_id)
    if operation.state in UNDER_WAY and operation.state == request.GET.get("state"):
        context = context_of(operation, kind, request.member) | {
            "moving": moving(operation, now=timezone.now())
        }
        return render(request, "imports/progress.html", context)
    context = context_of(operation, kind, request.member) | {"swapped": True}
    return reswap(retarget(render(request, "operations/standing.html", context), "#standing"), "outerHTML")


def action(act: Act) -> View:
    """A post to one action: not yours 404, not allowed 403; then back to its page, or where `act` says."""

    @require_POST
    @needs(Permission.READ)
    @wraps(act)
    def view(request: StaffRequest, operation_id: UUID) -> HttpResponse:
        operation, kind = action_of(request, operation_id)
        answer = None
        try:
            answer = act(request, operation, kind)
        except CannotStart as reason:
            messages.error(request, str(reason))
        return answer or redirect("operation-detail", operation_id)

    return view


@action
def do(request: StaffRequest, operation: Operation, kind: SelectionKind) -> HttpResponse | None:
    """Do it to what it can be done to."""
    if isinstance(kind, TerminateAppointments):
        endings.do(request, operation, kind)
        return None
    if isinstance(kind, UpdateFields):
        updating.do(request, operation, kind)
        return None
    if isinstance(kind, RemoveProducers):
        removing.do(request, operation, kind)
        return None
    if isinstance(kind, RenewLicenses):
        renewing.do(request, operation, kind)
        return None
    if isinstance(kind, InviteToPortal):
        inviting.do(request, operation, kind)
        return None
    if isinstance(kind, SendEmail):
        return mailing.do(request, operation, kind)
    reason = reason_in(request)
    if operation.state == OperationState.READY:
        if kind.needs_reason and not reason:
            raise CannotStart(f"Say why, then press {kind.verb}: the reason is kept with each of them.")
        if not split_of(operation, kind).will:
            raise CannotStart(f"There is nothing to {kind.verb.lower()}: see below why.")
    process(request, operation, reason=reason)
    return None


@action
def cancel(request: StaffRequest, operation: Operation, kind: SelectionKind) -> None:
    """Do not do it; what is done stays."""
    operations.cancel(operation=operation, member=request.member, now=timezone.now())


@action
def check_again(request: StaffRequest, operation: Operation, kind: SelectionKind) -> None:
    """Look once more at what was left out."""
    few = bool(operation.params.get(TOLD_ON_PAGE))
    operations.check_again(operation=operation, member=request.member, now=timezone.now(), defer=not few)
    if few:
        carry_on(operation)


@require_POST
@needs(Permission.READ)
def terminate_first(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """End the appointments of those whom a removal has wait for it: first it is confirmed."""
    operation, kind = action_of(request, operation_id)
    if not isinstance(kind, RemoveProducers):
        raise Http404
    begun = removing.terminate_first(request, operation)
    return redirect("operation-detail", begun.pk)


@require_POST
@needs(Permission.READ)
def undo(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """Take back what an update has set, where nobody has changed it since: first it is confirmed."""
    operation, kind = action_of(request, operation_id)
    if not isinstance(kind, UpdateFields):
        raise Http404
    try:
        begun = updating.undo(request, operation, kind)
    except CannotStart as reason:
        messages.error(request, str(reason))
        return redirect("operation-detail", operation_id)
    return redirect("operation-detail", begun.pk)


def reason_in(request: StaffRequest) -> str:
    """The reason that a person typed."""
    told, _ = clean_reason(request.POST.get("reason", "")[:LONGEST_REASON])
    return told or ""
