"""The feed of changes of the whole organization, and the file of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.changes.address import chips, query_of, selection_of
from muster.console.changes.export import export_rows
from muster.console.changes.sentences import tell_all, why_none
from muster.console.lists.address import places_in
from muster.console.lists.links import links_of
from muster.core.words import states
from muster.core.writing import csv_lines
from muster.history.models import Change
from muster.history.operations import export_changes
from muster.history.queries import change_page

# A response of single lines would spend its time on handing them over.
LINES_AT_A_TIME = 500


@require_safe
@needs(Permission.READ)
def change_list(request: StaffRequest) -> HttpResponse:
    """Changes of records, newest first, as the address asks for them."""
    selection = selection_of(request.GET)
    found = change_page(
        request.member,
        selection,
        **places_in(request.GET),
    )
    page = found.page
    return render(
        request,
        "changes/list.html",
        {
            "changes": tell_all(found.changes),
            "total": page.total,
            "selection": selection,
            "why_none": why_none(selection),
            "chips": chips(selection),
            "kinds": Change.Kind.choices,
            "verbs": Change.Verb.choices,
            "states": states(),
            "here": query_of(selection),
            **links_of(page, selection, query_of),
        },
    )


@require_safe
@needs(Permission.READ)
def change_export(request: StaffRequest) -> StreamingHttpResponse:
    """All changes that the address asks for, as CSV."""
    changes = export_changes(by=request.member, selection=selection_of(request.GET))
    lines = csv_lines(export_rows(changes))
    response = StreamingHttpResponse(_blocks(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="changes-{timezone.localdate():%Y-%m-%d}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _blocks(lines: Iterator[str]) -> Iterator[str]:
    while block := "".join(islice(lines, LINES_AT_A_TIME)):
        yield block
