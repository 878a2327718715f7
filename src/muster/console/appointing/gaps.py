"""Appointing for the gaps of many scorecards: what is lacking, what it would come to, one operation."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.bulk.apply import SOURCE
from muster.bulk.operations import NotThisOne
from muster.console.appointing.forecasts import tell_forecast
from muster.console.lists.address import choice_in
from muster.console.scorecards.address import query_of, selection_of
from muster.core.words import states
from muster.history.models import Source
from muster.imports.appoint_columns import APPOINTMENT_TYPES
from muster.imports.gaps import requests_for_gaps
from muster.imports.requesting import Preview, preview_appointments, request_appointments
from muster.scorecards.queries import Selection, count_lacking_appointments
from muster.transactions.terms import setup_of

MOST_AT_ONCE = 10_000
"""So many gaps are taken in while a person waits."""

MOST_FORESEEN = 500
"""What more gaps come to is told by the check page, which does not keep anybody waiting."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PREPARE_FILINGS)
def appoint_gaps(request: StaffRequest) -> HttpResponse:
    """Request the appointments that the scorecards of the list lack; the check page comes before anything."""
    member, selection = request.member, selection_of(request.GET)
    back = reverse("scorecard-list") + query_of(selection)
    count = count_lacking_appointments(member, selection, most=MOST_AT_ONCE + 1)
    if request.method == "POST" and 0 < count <= MOST_AT_ONCE:
        return _request(request, selection, back)
    context = {
        "count": count,
        "most": MOST_AT_ONCE,
        "state": states().get(selection.state, ""),
        "here": query_of(selection),
        "back": back,
        "operation_id": uuid4(),
        "types": APPOINTMENT_TYPES,
        **_foreseen(request, selection, is_small=0 < count <= MOST_FORESEEN),
    }
    return render(request, "appointing/gaps.html", context)


def _foreseen(request: StaffRequest, selection: Selection, *, is_small: bool) -> dict[str, object]:
    """What is known beforehand: all of it where there are few, else which states may ask for a type."""
    member, today = request.member, timezone.localdate()
    setup = setup_of(member.organization_id, today=today)
    if not is_small:
        asked = [selection.state] if selection.state else list(states())
        with_types = [states()[state] for state in asked if setup.terms.rules[state].types]
        return {"type_for": ", ".join(with_types)}
    requests = list(requests_for_gaps(member, selection, today=today))
    preview = preview_appointments(by=member, requests=requests, today=today, setup=setup)
    return {
        "requests": len(requests),
        "producers": len({one.npn for one in requests}),
        "forecast": tell_forecast(preview.forecast),
        "refused": len(preview.rejected),
        "type_for": _states_of(preview, "APP-E005"),
        "county_for": _states_of(preview, "APP-E004"),
    }


def _states_of(preview: Preview, code: str) -> str:
    """The names of the states about which this was found."""
    return ", ".join(sorted({str(found.params["state"]) for found in preview.findings if found.code == code}))


def _request(request: StaffRequest, selection: Selection, back: str) -> HttpResponse:
    try:
        operation_id = UUID(request.POST.get("operation", ""))
    except ValueError:
        raise Http404 from None
    kind = choice_in(request.POST, "appointment_type", APPOINTMENT_TYPES)
    today = timezone.localdate()
    requests = list(requests_for_gaps(request.member, selection, today=today, appointment_type=kind))
    if not requests:
        messages.info(request, "Nothing to appoint: these gaps have been closed since.")
        return redirect(back)
    try:
        operation = request_appointments(
            by=request.member,
            requests=requests,
            operation_id=operation_id,
            now=timezone.now(),
            params={SOURCE: Source.PERSON.value},
            goes_on=False,
        )
    except NotThisOne:
        raise Http404 from None
    return redirect("import-detail", operation.pk)
