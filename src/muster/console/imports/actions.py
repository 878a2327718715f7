"""What people do with an import, each a plain form post that comes back to the import's page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from muster.access.gate import StaffRequest, View, needs
from muster.access.permissions import Permission
from muster.bulk import operations
from muster.bulk.kinds import UploadKind, kind_of
from muster.bulk.models import Operation, OperationState, Policy
from muster.bulk.operations import CannotStart
from muster.console.imports.mending import may_be_mapped, suggestions
from muster.console.imports.tiles import plan
from muster.console.imports.views import upload_of
from muster.console.transactions.handling import handling_in
from muster.producers.models import Agency
from muster.producers.operations import CannotCreate, NewAgency, create_agencies

Action = Callable[[StaffRequest, Operation], str | None]


def action(act: Action) -> View:
    """A post to one import: not yours 404, not allowed 403; what it returns is told on the import's page."""

    @require_POST
    @needs(Permission.READ)
    @wraps(act)
    def view(request: StaffRequest, operation_id: UUID) -> HttpResponse:
        operation = upload_of(request, operation_id)
        if not request.member.may(kind_of(operation).permission):
            raise PermissionDenied
        try:
            said = act(request, operation)
        except CannotStart as reason:
            messages.error(request, str(reason))
        else:
            if said:
                messages.success(request, said)
        return redirect("import-detail", operation_id)

    return view


@action
def process(request: StaffRequest, operation: Operation) -> str | None:
    """Write the good rows."""
    chosen = request.POST.get("policy")
    policy = Policy(chosen) if chosen in Policy.values else Policy(operation.policy)
    if operation.state == OperationState.READY:
        numbers = plan(operation)
        if policy == Policy.ALL_OR_NOTHING and numbers.rejected:
            raise CannotStart(
                f"Nothing was processed: you chose all or nothing, and {_rows(numbers.rejected)} cannot be "
                "processed yet. Mend them first, or choose good rows only."
            )
        if not numbers.good:
            raise CannotStart("There is no row to process yet. Mend the rows below first.")
    kind = kind_of(operation)
    decided = handling_in(request).params if isinstance(kind, UploadKind) and kind.batched else None
    operations.process(
        operation=operation, member=request.member, policy=policy, now=timezone.now(), params=decided
    )
    return None


@action
def cancel(request: StaffRequest, operation: Operation) -> str | None:
    """Stop it; what is written stays."""
    operations.cancel(operation=operation, member=request.member, now=timezone.now())
    return None


@action
def check_again(request: StaffRequest, operation: Operation) -> str | None:
    """Judge the rows again that were left out."""
    operations.check_again(operation=operation, member=request.member, now=timezone.now())
    return None


@action
def map_value(request: StaffRequest, operation: Operation) -> str | None:
    """Read a wrong value as another one wherever it stands in its column."""
    field, value = request.POST.get("field", ""), request.POST.get("value", "")
    replacement = request.POST.get("replacement", "").strip()
    if not replacement:
        raise CannotStart(f"Choose what “{value}” is to be read as, then press Replace.")
    if not may_be_mapped(operation, field, value):
        raise CannotStart(
            f"“{value}” in {field} cannot be replaced once for all: rows that show it can mean different "
            "things. Mend them in the file."
        )
    operations.map_value(
        operation=operation,
        member=request.member,
        field=field,
        value=value,
        replacement=replacement,
        now=timezone.now(),
    )
    return f"“{value}” in {field} is read as “{replacement}”; the rows that were left out are checked again."


@action
def take_suggestions(request: StaffRequest, operation: Operation) -> str | None:
    """Read every value of some causes as what is suggested for it."""
    field = request.POST.get("field", "")
    taken: dict[str, str] = {}
    for code in request.POST.getlist("code"):
        taken |= suggestions(operation, request.member, code=code, field=field)
    if not taken:
        raise CannotStart("Nothing is suggested for these values any more. Look at what is left below.")
    with transaction.atomic():
        for value, replacement in taken.items():
            operations.map_value(
                operation=operation,
                member=request.member,
                field=field,
                value=value,
                replacement=replacement,
                now=timezone.now(),
            )
    count, be = ("1 value", "is") if len(taken) == 1 else (f"{len(taken):,} values", "are")
    return f"{count} in {field} {be} read as suggested; the rows that were left out are checked again."


@action
def create_agency(request: StaffRequest, operation: Operation) -> str | None:
    """Put agencies on file that the upload names, those that got a name, and judge their rows again."""
    if not request.member.may(Permission.MANAGE_AGENCIES):
        raise PermissionDenied
    pairs = zip(request.POST.getlist("npn"), request.POST.getlist("name"), strict=False)
    named = {npn.strip(): name.strip() for npn, name in pairs if name.strip()}
    if not named:
        raise CannotStart("Give the agency a name, then press Create this agency.")
    # Somebody else may have been quicker; what is left to do then is to check again.
    agencies = list(Agency.objects.visible_to(request.member, Permission.READ).filter(npn__in=named))
    known = {agency.npn for agency in agencies}
    wanted = [NewAgency(name, npn) for npn, name in named.items() if npn not in known]
    try:
        agencies += create_agencies(by=request.member, agencies=wanted, operation_id=operation.pk)
    except CannotCreate as reason:
        raise CannotStart(str(reason)) from None
    operations.check_again(operation=operation, member=request.member, now=timezone.now())
    said = ", ".join(f"{agency.name} (NPN {agency.npn})" for agency in agencies)
    be = "is" if len(agencies) == 1 else "are"
    return f"{said} {be} on file; the rows that were left out are checked again."


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
