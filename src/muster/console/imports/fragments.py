"""The parts of an import's page that change or grow while somebody looks."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import reswap, retarget

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.bulk.causes import causes, values_of
from muster.bulk.states import UNDER_WAY
from muster.console.imports.mending import More, cards
from muster.console.imports.pace import moving
from muster.console.imports.standing import context_of, rows_context
from muster.console.imports.tiles import sync_context, title_of
from muster.console.imports.views import row_number, upload_of

VALUES = 50


@require_safe
@needs(Permission.READ)
def progress(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """How far it is; once it has come to its next state, all of that state, and no more polling."""
    operation = upload_of(request, operation_id)
    if not request.htmx:
        return redirect("import-detail", operation_id)
    if operation.state in UNDER_WAY and operation.state == request.GET.get("state"):
        context = {"operation": operation, "moving": moving(operation, now=timezone.now())}
        return render(request, "imports/progress.html", context)
    context = context_of(operation, request.member) | {"swapped": True}
    return reswap(retarget(render(request, "imports/standing.html", context), "#standing"), "outerHTML")


@require_safe
@needs(Permission.READ)
def findings(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """Everything that was found, a cause at a time."""
    operation = upload_of(request, operation_id)
    context = {
        "operation": operation,
        "title": title_of(operation),
        "cards": cards(operation, request.member, causes(operation)),
    }
    name = "imports/causes.html" if request.htmx else "imports/findings.html"
    return render(request, name, context)


@require_safe
@needs(Permission.READ)
def values(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """More values of one cause."""
    operation = upload_of(request, operation_id)
    offset = row_number(request.GET.get("from"))
    cause = values_of(
        operation,
        code=request.GET.get("code", ""),
        field=request.GET.get("field") or None,
        offset=offset,
        limit=VALUES,
    )
    if cause is None:
        return redirect("import-detail", operation_id)
    shown = offset + len(cause.values)
    context = {
        "operation": operation,
        "title": title_of(operation),
        "card": cards(operation, request.member, [cause])[0],
        "more": [More(cause, shown, cause.different - shown)] if shown < cause.different else [],
    }
    return render(request, "imports/values.html" if request.htmx else "imports/all_values.html", context)


@require_safe
@needs(Permission.READ)
def rows(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """A page of rows with what became of each."""
    operation = upload_of(request, operation_id)
    if not request.htmx:
        query = {name: request.GET[name] for name in ("outcome", "after") if request.GET.get(name)}
        return redirect(reverse("import-detail", args=[operation_id], query=query) + "#rows")
    context = rows_context(
        operation,
        request.member,
        outcome=request.GET.get("outcome"),
        after=row_number(request.GET.get("after")),
    )
    return render(request, "imports/rows.html", context)


@require_safe
@needs(Permission.READ)
def sync(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """How the registry sync of its producers goes."""
    operation = upload_of(request, operation_id)
    if not request.htmx:
        return redirect("import-detail", operation_id)
    return render(request, "imports/sync.html", {"operation": operation} | sync_context(operation))
