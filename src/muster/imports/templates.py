"""Templates of upload types, made from live settings."""

from __future__ import annotations

from typing import BinaryIO

from django.conf import settings

from muster.bulk.kinds import UploadKind
from muster.core.sheets import Limits
from muster.core.writing import write_template_csv, write_template_xlsx

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def write_template(kind: UploadKind, organization_id: int, file: BinaryIO, *, file_format: str) -> None:
    """Write the template as `csv` or `xlsx`."""
    columns = kind.columns(organization_id)
    if file_format == "csv":
        write_template_csv(columns, file)
    else:
        write_template_xlsx(
            columns,
            file,
            examples=kind.examples(organization_id),
            accepted_values=kind.accepted_values(organization_id),
            limits=Limits(**settings.MUSTER_UPLOAD_LIMITS),
            extra_tabs=kind.tabs(organization_id),
        )
