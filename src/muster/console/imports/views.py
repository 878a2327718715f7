"""The pages of uploads: history, new import, one import."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk import operations
from muster.bulk.kinds import UnknownKind, UploadKind, upload_kind_named, upload_kinds_of
from muster.bulk.models import Item, ItemState, Operation, OperationState
from muster.bulk.states import WAITS_FOR_A_PERSON
from muster.console.imports import reads
from muster.console.imports.standing import context_of
from muster.console.imports.tiles import COLORS, history_tiles, state_words, title_of
from muster.console.imports.uploading import upload_control


def upload_of(request: StaffRequest, operation_id: UUID) -> Operation:
    """The upload of that id, if it is the organization's own. Raises Http404."""
    return get_object_or_404(reads.uploads(request.member), pk=operation_id)


def kind_for(member: Membership, name: str) -> UploadKind:
    """The upload type of that name. Raises Http404, and PermissionDenied where the member may not use it."""
    try:
        kind = upload_kind_named(name)
    except UnknownKind:
        raise Http404 from None
    if not member.may(kind.permission):
        raise PermissionDenied
    return kind


@require_safe
@needs(Permission.READ)
def history(request: StaffRequest) -> HttpResponse:
    """Every import of the organization, newest first."""
    before = request.GET.get("before")
    page = reads.history(request.member, before=before)
    entries = [
        {
            "operation": operation,
            "kind": upload_kind_named(operation.kind),
            "title": title_of(operation),
            "color": COLORS[OperationState(operation.state)],
            "words": state_words(operation),
            "tiles": history_tiles(operation),
        }
        for operation in page.operations
    ]
    return render(
        request,
        "imports/history.html",
        {
            "entries": entries,
            "may_act": bool(upload_kinds_of(request.member)),
            "first_url": reverse("import-list") if before else None,
            "older_url": reverse("import-list", query={"before": page.older}) if page.older else None,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.READ)
def new(request: StaffRequest) -> HttpResponse:
    """Choose a type, get its template, upload it."""
    kinds = upload_kinds_of(request.member)
    if not kinds:
        raise PermissionDenied
    if request.method == "POST":
        return _start(request)
    named = request.GET.get("kind")
    kind = kind_for(request.member, named) if named else kinds[0]
    organization_id = request.member.organization_id
    accepted = kind.accepted_values(organization_id)
    return render(
        request,
        "imports/new.html",
        {
            "kinds": kinds,
            "kind": kind,
            "columns": [
                (column, accepted.get(column.header, ())) for column in kind.columns(organization_id)
            ],
            "upload": upload_control(kind),
        },
    )


def _start(request: StaffRequest) -> HttpResponse:
    kind = kind_for(request.member, request.POST.get("kind", ""))
    try:
        operation_id = UUID(request.POST.get("operation", ""))
    except ValueError:
        raise Http404 from None
    file = request.FILES.get("file")
    if file is None:
        started = reads.uploads(request.member).filter(pk=operation_id).first()
        if started:
            return _go(request, reverse("import-detail", args=[started.pk]))
        messages.error(request, "No file came with the form. Choose the filled-in template, then upload it.")
        return _go(request, reverse("import-new", query={"kind": kind.name}))
    replaced = _replaced(request, kind)
    # What a person has said once about wrong values holds for the mended file too.
    mappings = replaced.params.get("mappings") if replaced else None
    try:
        operation = operations.start_upload(
            operation_id=operation_id,
            member=request.member,
            kind=kind,
            source_name=file.name or "upload",
            content=file.chunks(),
            now=timezone.now(),
            params={"mappings": mappings} if mappings else None,
        )
    except operations.NotThisOne:
        raise Http404 from None
    if replaced and replaced.pk != operation.pk:
        _put_aside(request, replaced, by=operation)
    return _go(request, reverse("import-detail", args=[operation.pk]))


def _replaced(request: StaffRequest, kind: UploadKind) -> Operation | None:
    """The upload that this one stands in for."""
    try:
        return reads.uploads(request.member).get(pk=UUID(request.POST.get("replaces", "")), kind=kind.name)
    except (ValueError, Operation.DoesNotExist):
        return None


def _put_aside(request: StaffRequest, replaced: Operation, *, by: Operation) -> None:
    """Cancel the upload that was replaced, if it still waits for somebody and nothing of it was written."""
    with transaction.atomic():
        held = Operation.objects.select_for_update().get(pk=replaced.pk)
        held.params["replaced_by"] = str(by.pk)
        held.save(update_fields=["params"])
    written = Item.objects.filter(operation=replaced, state=ItemState.APPLIED)
    if replaced.state in WAITS_FOR_A_PERSON and not written.exists():
        try:
            operations.cancel(operation=replaced, member=request.member, now=timezone.now())
        except operations.CannotStart:
            return


def _go(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else redirect(url)


@require_safe
@needs(Permission.READ)
def detail(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """One import: what its state asks for."""
    operation = upload_of(request, operation_id)
    context = context_of(
        operation,
        request.member,
        outcome=request.GET.get("outcome"),
        after=row_number(request.GET.get("after")),
    )
    return render(request, "imports/detail.html", context)


def row_number(text: str | None) -> int:
    """The number in a query string; 0 where there is none that makes sense."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
