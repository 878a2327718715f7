"""Refuses a body that is larger than any upload may be, before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat

# A multipart body holds a few form fields beside the file.
FORM_ALLOWANCE = 64 * 1024


class UploadSizeMiddleware:
    """Answers 413 from the Content-Length alone; it stands before everything that would read the body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        limit = max(settings.MUSTER_UPLOAD_LIMITS["csv_bytes"], settings.MUSTER_UPLOAD_LIMITS["xlsx_bytes"])
        declared = request.META.get("CONTENT_LENGTH") or "0"
        if not declared.isdigit() or int(declared) > limit + FORM_ALLOWANCE:
            return render(request, "413.html", {"limit": filesizeformat(limit)}, status=413)
        return self.get_response(request)
