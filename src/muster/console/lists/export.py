"""A list as CSV: its columns in their order, all rows, read a slice at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from muster.access.gate import StaffRequest
from muster.console.lists.listing import Listing
from muster.core.writing import csv_lines
from muster.reports.running import iterate

LINES_AT_A_TIME = 1_000


def csv_of(request: StaffRequest, listing: Listing, asked: Any, rows: QuerySet[Any]) -> StreamingHttpResponse:
    """The rows as a CSV file with those columns of the list that are fields."""
    chosen = listing.columns_of(asked.question.columns)
    fields = [listing.subject.by_name[one.name] for one in chosen if one.name in listing.subject.by_name]
    lines = csv_lines(_rows(fields, listing.records(request.member, rows).order_by("pk")))
    response = StreamingHttpResponse(_blocks(lines), content_type="text/csv; charset=utf-8")
    name = f"{listing.name}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _rows(fields: list[Any], rows: QuerySet[Any]) -> Iterator[list[str]]:
    yield [of.label for of in fields]
    yield from (list(texts) for texts in iterate(rows, fields))


def _blocks(lines: Iterator[str]) -> Iterator[str]:
    while block := "".join(islice(lines, LINES_AT_A_TIME)):
        yield block
