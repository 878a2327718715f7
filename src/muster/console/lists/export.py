"""A list as CSV: its columns in their order, all rows, straight from the database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from muster.access.gate import StaffRequest
from muster.console.lists.listing import Listing
from muster.reports.exporting import CONTENT_TYPES, CSV, Export


def csv_of(request: StaffRequest, listing: Listing, asked: Any, rows: QuerySet[Any]) -> StreamingHttpResponse:
    """The rows as a CSV file with what the columns of the list tell, in its order; on record."""
    shown = listing.columns_of(asked.question.columns)
    columns = tuple(dict.fromkeys(name for one in shown for name in one.told))
    records = listing.records(request.member, rows)
    taken = Export(
        by=request.member,
        subject=listing.subject,
        question=replace(asked.question, columns=columns),
        name=listing.subject.label,
        rows=records if records.ordered else records.order_by("pk"),
        beside=[one.beside for one in shown if one.beside],
    )
    response = StreamingHttpResponse(taken.csv(), content_type=CONTENT_TYPES[CSV])
    name = f"{listing.name}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
