"""Files to take home: templates, results, rows to mend."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from pathlib import PurePath
from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.bulk.states import UNDER_WAY
from muster.console.imports.views import kind_for, upload_of
from muster.core.writing import csv_lines
from muster.imports.downloads import download_results
from muster.imports.templates import CONTENT_TYPES, write_template

# A response of single lines would spend its time on handing them over.
LINES_AT_A_TIME = 500


@require_safe
@needs(Permission.READ)
def template(request: StaffRequest, kind: str, file_format: str) -> HttpResponse:
    """The upload template, made from live settings."""
    upload = kind_for(request.member, kind)
    if file_format not in CONTENT_TYPES:
        raise Http404
    file = BytesIO()
    write_template(upload, request.member.organization_id, file, file_format=file_format)
    response = HttpResponse(file.getvalue(), content_type=CONTENT_TYPES[file_format])
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"muster-{upload.name}-template.{file_format}"
    )
    return response


@require_safe
@needs(Permission.READ)
def results(request: StaffRequest, operation_id: UUID) -> StreamingHttpResponse:
    """The user's own columns with row number, outcome and reason; `?only=failed` has what is to be mended."""
    operation = upload_of(request, operation_id)
    if operation.state in UNDER_WAY or operation.rows_purged:
        raise Http404
    only_failed = request.GET.get("only") == "failed"
    rows = download_results(by=request.member, operation=operation, only_failed=only_failed)
    name = PurePath(operation.source_name).stem or operation.kind
    response = StreamingHttpResponse(blocks(csv_lines(rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{name}-{'rows-to-mend' if only_failed else 'results'}.csv"
    )
    response["Cache-Control"] = "no-store"
    return response


def blocks(lines: Iterator[str]) -> Iterator[str]:
    """Lines put together to pieces that are worth sending."""
    while block := "".join(islice(lines, LINES_AT_A_TIME)):
        yield block
