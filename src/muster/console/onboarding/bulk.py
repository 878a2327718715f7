"""The pages on which the producers of a file are onboarded: upload, review, payment, progress."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.bulk import operations
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import GOES_ON
from muster.bulk.states import UNDER_WAY
from muster.console.imports.pace import moving
from muster.console.imports.views import row_number
from muster.console.onboarding.files import (
    context_of,
    history,
    is_held,
    line_of,
    payment_context,
    progress_of,
    upload_context,
    uploads_of,
    waiting_context,
)
from muster.core.counting import counted
from muster.core.licensing import PAYER_LABELS
from muster.core.onboarding import DraftStatus
from muster.imports.producer import ProducerUpload
from muster.notices.completion import TOLD_ON_PAGE
from muster.onboarding.columns import OPTIONAL
from muster.onboarding.many import (
    KIND,
    Payment,
    onboardings_of,
    set_payment_of,
    start_onboarding,
)
from muster.onboarding.mending import FIELDS, discard_file, leave_out, mend, reprocess
from muster.onboarding.models import Draft, RequiredColumns
from muster.onboarding.retrieving import counts_of


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.IMPORT)
def bulk(request: StaffRequest) -> HttpResponse:
    """Get the sample file, choose the filled-in one, confirm it; and the files of before."""
    if request.method == "POST":
        return _start(request)
    replaces = uploads_of(request.member).filter(pk=_id_in(request.GET.get("replaces"))).first()
    return render(
        request,
        "onboarding/bulk.html",
        {
            "form": upload_context(replaces=replaces),
            "history": history(request.member),
            "required": RequiredColumns.of(request.member.organization_id),
            "may_set": request.member.may(Permission.MANAGE_SETTINGS),
        },
    )


def _start(request: StaffRequest) -> HttpResponse:
    operation_id = _id_in(request.POST.get("operation"))
    if operation_id is None:
        raise Http404
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, "No file came with the form. Choose a CSV or XLSX file, then confirm it.")
        return _go(request, reverse("bulk-onboard"))
    try:
        upload = operations.start_upload(
            operation_id=operation_id,
            member=request.member,
            kind=ProducerUpload(),
            source_name=file.name or "upload",
            content=file.chunks(),
            now=timezone.now(),
            # Whoever looks on sees the end of it; the email comes when the producers are onboarded.
            params={GOES_ON: True, TOLD_ON_PAGE: True},
        )
    except operations.NotThisOne:
        raise Http404 from None
    replaced = uploads_of(request.member).filter(pk=_id_in(request.POST.get("replaces")))
    for old in replaced.exclude(pk=upload.pk):
        discard_file(by=request.member, upload=old, now=timezone.now())
    return _go(request, reverse("bulk-onboard-file", args=[upload.pk]))


def _id_in(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _go(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else redirect(url)


def upload_of(request: StaffRequest, operation_id: UUID) -> Operation:
    """A file of the organization's; 404 for any other."""
    found: Operation = get_object_or_404(uploads_of(request.member), pk=operation_id)
    return found


@require_safe
@never_cache
@needs(Permission.IMPORT)
def file(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """One file: the look-up under way, or who is ready to be onboarded and who is not, and why."""
    upload = upload_of(request, operation_id)
    context = context_of(
        upload,
        request.member,
        ready_after=row_number(request.GET.get("ready")),
        failed_after=row_number(request.GET.get("failed")),
        goes_ahead="ahead" in request.GET,
    )
    return render(request, "onboarding/file.html", context)


@require_safe
@never_cache
@needs(Permission.IMPORT)
def file_progress(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """How far the look-up is; once each was asked for, the whole page, which tells who still is."""
    upload = upload_of(request, operation_id)
    counts = counts_of(upload.pk)
    if request.htmx and "seen" in request.GET:
        seen = row_number(request.GET.get("seen"))
        context = {"upload": upload, **waiting_context(upload, counts, seen=seen)}
        return render(request, "onboarding/still_asked.html", context)
    if not request.htmx or not is_held(upload, counts):
        return _go(request, reverse("bulk-onboard-file", args=[upload.pk]))
    context = {"upload": upload, "counts": counts} | progress_of(upload, counts)
    return render(request, "onboarding/retrieving.html", context)


@sensitive_post_parameters("ssn")
@require_POST
@needs(Permission.IMPORT)
def mend_row(request: StaffRequest, operation_id: UUID, draft_id: int) -> HttpResponse:
    """Take other values for a row that failed, and look it up again, alone."""
    upload = upload_of(request, operation_id)
    draft_of(upload, draft_id)
    values = {key: request.POST[key].strip()[:254] for key in (*FIELDS, "ssn") if key in request.POST}
    draft = mend(by=request.member, upload=upload, draft_id=draft_id, values=values, now=timezone.now())
    if draft is None:
        messages.info(request, "This row has been taken care of already.")
    elif draft.status == DraftStatus.FAILED:
        why = " ".join(trouble.text for trouble in line_of(draft).troubles)
        messages.warning(request, f"Row {draft.row_no} cannot be looked up yet: {why}")
    return redirect("bulk-onboard-file", upload.pk)


@require_POST
@needs(Permission.IMPORT)
def leave_row_out(request: StaffRequest, operation_id: UUID, draft_id: int) -> HttpResponse:
    """Give up one row that failed."""
    upload = upload_of(request, operation_id)
    draft = draft_of(upload, draft_id)
    if leave_out(by=request.member, upload=upload, draft_id=draft.pk, now=timezone.now()):
        messages.success(request, f"Row {draft.row_no} is left out.")
    else:
        messages.info(request, "This row has been taken care of already.")
    return redirect("bulk-onboard-file", upload.pk)


def draft_of(upload: Operation, draft_id: int) -> Draft:
    """A row of the file; 404 for any other."""
    found: Draft = get_object_or_404(Draft.objects.filter(operation=upload), pk=draft_id)
    return found


@require_POST
@needs(Permission.IMPORT)
def reprocess_failed(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """Look up again all that failed, and nothing else."""
    upload = upload_of(request, operation_id)
    if not reprocess(by=request.member, upload=upload, now=timezone.now()):
        messages.info(request, "None of the failed rows can be looked up yet. Mend them first.")
    return redirect("bulk-onboard-file", upload.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.IMPORT)
def payment(request: StaffRequest, operation_id: UUID) -> HttpResponse:
    """Who pays, for all and one by one; then onboard them."""
    upload = upload_of(request, operation_id)
    if request.method == "POST":
        onboarding_id = _id_in(request.POST.get("operation"))
        if onboarding_id is None:
            raise Http404
        if begun := Operation.objects.filter(
            organization_id=upload.organization_id, pk=onboarding_id, kind=KIND
        ).first():
            return redirect("bulk-onboard-progress", upload.pk, begun.pk)
        told = _payment_in(request)
        if told is None:
            messages.error(request, "Choose who pays for new licenses, and who for renewals.")
            return redirect("bulk-onboard-payment", upload.pk)
        try:
            begun = start_onboarding(
                by=request.member,
                upload=upload,
                operation_id=onboarding_id,
                payment=told,
                now=timezone.now(),
            )
        except operations.NotThisOne:
            raise Http404 from None
        return redirect("bulk-onboard-progress", upload.pk, begun.pk)
    context = payment_context(upload, after=row_number(request.GET.get("ready")))
    if not context["ready"].lines and not context["counts"].get(DraftStatus.READY):
        return redirect("bulk-onboard-file", upload.pk)
    return render(request, "onboarding/payment.html", context | {"operation_id": uuid4()})


def _payment_in(request: StaffRequest) -> Payment | None:
    new, renewal = request.POST.get("new_paid_by", ""), request.POST.get("renewal_paid_by", "")
    if new not in PAYER_LABELS or renewal not in PAYER_LABELS:
        return None
    return Payment(new, renewal, "auto_renewal" in request.POST)


@require_POST
@needs(Permission.IMPORT)
def payment_of_row(request: StaffRequest, operation_id: UUID, draft_id: int) -> HttpResponse:
    """Choose for one producer who pays, or take that back."""
    upload = upload_of(request, operation_id)
    draft = draft_of(upload, draft_id)
    told = None if "as_all" in request.POST else _payment_in(request)
    if told is None and "as_all" not in request.POST:
        messages.error(request, "Choose who pays for new licenses, and who for renewals.")
    elif not set_payment_of(
        by=request.member, upload=upload, draft_id=draft_id, payment=told, now=timezone.now()
    ):
        messages.info(request, "This producer has been onboarded already.")
    if request.htmx:
        draft.refresh_from_db()
        context = {"upload": upload, "line": line_of(draft), "payers": PAYER_LABELS}
        return render(request, "onboarding/payment_row.html", context)
    return redirect("bulk-onboard-payment", upload.pk)


@require_safe
@never_cache
@needs(Permission.IMPORT)
def onboarding(request: StaffRequest, operation_id: UUID, onboarding_id: UUID) -> HttpResponse:
    """Producer Onboard in Progress: how far it is; once it has ended, the file's page."""
    upload = upload_of(request, operation_id)
    begun = get_object_or_404(
        Operation.objects.visible_to(request.member, Permission.IMPORT).filter(
            Q(pk__in=[one.pk for one in onboardings_of(upload)])
        ),
        pk=onboarding_id,
    )
    if begun.state not in UNDER_WAY:
        _tell_end(request, begun)
        return _go(request, reverse("bulk-onboard-file", args=[upload.pk]))
    context = {
        "upload": upload,
        "operation": begun,
        "moving": moving(begun, now=timezone.now()),
        "things": "producer,producers",
        "progress_url": reverse("bulk-onboard-progress", args=[upload.pk, begun.pk]),
    }
    name = "imports/progress.html" if request.htmx else "onboarding/in_progress.html"
    return render(request, name, context)


def _tell_end(request: StaffRequest, begun: Operation) -> None:
    done = begun.outcomes.get("created", 0) + begun.outcomes.get("updated", 0)
    left = begun.outcomes.get("rejected", 0)
    if begun.state in (OperationState.DONE, OperationState.DONE_WITH_FAILURES):
        told = f"{counted(done, 'producer is,producers are')} onboarded. You get an email with the counts."
        messages.success(request, told + (f" {counted(left, 'row was,rows were')} left out." if left else ""))
    else:
        messages.warning(request, f"The onboarding is “{begun.get_state_display()}”.")


@require_POST
@needs(Permission.MANAGE_SETTINGS)
def columns(request: StaffRequest) -> HttpResponse:
    """Say which columns of a file must be filled in."""
    if not request.member.may(Permission.IMPORT):
        raise PermissionDenied
    RequiredColumns.objects.update_or_create(
        organization_id=request.member.organization_id,
        defaults={name: name in request.POST for name in OPTIONAL},
    )
    messages.success(request, "Saved. It holds for files that are uploaded from now on.")
    return redirect("bulk-onboard")
