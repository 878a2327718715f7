"""Taking the rows of a report along as a file, and acting on them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.operations.starting import kind_for, start
from muster.console.reports.address import Asked, asked_in
from muster.console.reports.views import saved_for, subject_for
from muster.reports.exporting import CONTENT_TYPES, Export
from muster.reports.running import rows_of
from muster.reports.shipped import shipped_named
from muster.reports.subject import Subject


@require_safe
@needs(Permission.READ)
def export(request: StaffRequest, name: str, file_format: str) -> HttpResponse | StreamingHttpResponse:
    """All rows that the address asks for, as CSV or as a workbook, with the columns in their order."""
    subject = subject_for(name)
    if file_format not in CONTENT_TYPES:
        raise Http404
    asked = asked_in(request.GET, subject)
    question, refused = subject.read(asked.parameters)
    if refused:
        messages.error(request, f"Nothing was exported. {refused[0]}")
        return redirect(reverse("report-build", args=[subject.name]) + asked.query)
    called = _called(request, asked, subject)
    taken = Export(request.member, subject, question, called)
    response = StreamingHttpResponse(taken.blocks(file_format), content_type=CONTENT_TYPES[file_format])
    filename = f"{slugify(called) or subject.name}-{timezone.localdate():%Y-%m-%d}.{file_format}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename)
    response["Cache-Control"] = "no-store"
    return response


def _called(request: StaffRequest, asked: Asked, subject: Subject) -> str:
    if asked.saved:
        return saved_for(request, asked.saved).name
    brought = shipped_named(asked.shipped)
    return brought.name if brought else subject.label


@require_POST
@needs(Permission.READ)
def act(request: StaffRequest, name: str) -> HttpResponse:
    """Do something with all rows of a report: first it is checked and confirmed."""
    subject = subject_for(name)
    kind = kind_for(request, request.POST.get("action", ""), subject.target)
    asked = asked_in(request.GET, subject)
    back = reverse("report-build", args=[subject.name]) + asked.query
    question, refused = subject.read(asked.parameters)
    if refused:
        # With a filter left out, more would be acted on than was meant.
        messages.error(request, f"Nothing was done. {refused[0]}")
        return redirect(back)
    rows = rows_of(subject, question, request.member)
    operation = start(request, kind, rows, told=back, back=back, few=False)
    return redirect("operation-detail", operation.pk)
