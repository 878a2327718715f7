"""Taking in uploads: none larger than any may be, and none that a killed process leaves on disk."""

from __future__ import annotations

from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat

from muster.core.documents import LARGEST

# A multipart body holds a few form fields beside the file.
FORM_ALLOWANCE = 64 * 1024

PORTAL = "/portal/"
"""Below this address documents are taken in, which are smaller than imports."""


class UploadSizeMiddleware:
    """Answers 413 from the Content-Length alone, and 411 without one, before anything would read the body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_document = request.path.startswith(PORTAL)
        limit = LARGEST if is_document else _largest_import()
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            # Without a length there is no telling what comes.
            return render(request, "411.html", status=411)
        declared = request.META.get("CONTENT_LENGTH") or "0"
        if not declared.isdigit() or int(declared) > limit + FORM_ALLOWANCE:
            told = {"limit": filesizeformat(limit), "is_document": is_document}
            return render(request, "413.html", told, status=413)
        return self.get_response(request)


def _largest_import() -> int:
    return max(settings.MUSTER_UPLOAD_LIMITS["csv_bytes"], settings.MUSTER_UPLOAD_LIMITS["xlsx_bytes"])


class UnnamedFileHandler(FileUploadHandler):
    """Receives a file into one without a name: whatever ends this process, nothing of it stays on disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file: IO[bytes] = SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        return UploadedFile(
            file=self.file,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
