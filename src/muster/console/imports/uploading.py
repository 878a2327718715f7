"""The upload control: what its form carries and what it says."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from muster.bulk.kinds import UploadKind
from muster.bulk.models import Operation


def upload_control(kind: UploadKind, *, replaces: Operation | None = None) -> dict[str, Any]:
    """What the upload form needs: a fresh id, so that posting twice starts one operation, and the limits."""
    limits = settings.MUSTER_UPLOAD_LIMITS
    return {
        "kind": kind,
        "id": uuid4(),
        "replaces": replaces,
        "url": reverse("import-new"),
        "csv_bytes": limits["csv_bytes"],
        "xlsx_bytes": limits["xlsx_bytes"],
        "limits": (
            f"CSV up to {size_in_words(limits['csv_bytes'])} and {limits['csv_rows']:,} rows, "
            f"XLSX up to {size_in_words(limits['xlsx_bytes'])} and {limits['xlsx_rows']:,} rows, "
            f"{limits['columns']:,} columns at most."
        ),
    }


def size_in_words(size: int) -> str:
    """`33554432` is "32 MB": what a person calls it, with no digit that says nothing."""
    for unit, bytes_ in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if size >= bytes_:
            return f"{size / bytes_:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} bytes"
