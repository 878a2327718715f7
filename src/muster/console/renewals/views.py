"""Appointments that might end before their states renew them: the list, the file, and ending them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.appointments.queries import visible_appointments
from muster.appointments.renewals import (
    PAGE,
    Candidate,
    Selection,
    candidate_page,
    candidates,
    knows_assignments,
    sum_of,
    told_of,
)
from muster.audit.operations import EventKind, record
from muster.console.lists.address import places_in
from muster.console.lists.links import links_of
from muster.console.operations.starting import kind_for, start, ticked_in
from muster.console.renewals.address import DAYS, WHY_LABELS, chips, query_of, selection_of
from muster.console.transactions.views import Button
from muster.core.amounts import dollars
from muster.core.renewing import Calendar, Renewal, calendar_of
from muster.core.words import states
from muster.core.writing import csv_lines
from muster.transactions.actions.endings import TerminateAppointments
from muster.transactions.terms import Setup, setup_of

ROWS_AT_A_TIME = 2_000

HEADER = (
    *("Related Producer", "NPN", "State Code", "Line of Authority", "CoCode", "Company", "Last Day"),
    *("Invoice From", "License Or Line Lost", "Not Assigned", "No Business Marked", "Renewal Fee"),
)
"""The first of them are those of upload type Terminate: the file can be uploaded as it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate, with its renewal and what that costs, in words; `why` are its reasons."""

    candidate: Candidate
    renewal: Renewal
    why: list[str]
    fee: str


def _calendar(setup: Setup, selection: Selection) -> tuple[Calendar, dict[str, Renewal]]:
    calendar = calendar_of(setup.book, today=setup.today, days=selection.days)
    return calendar, {one.state: one for one in calendar.near}


@require_safe
@needs(Permission.READ)
def renewal_list(request: StaffRequest) -> HttpResponse:
    """The candidates, filtered as the address says, with what their renewals cost."""
    member, selection = request.member, selection_of(request.GET)
    setup = setup_of(member.organization_id, today=timezone.localdate())
    calendar, near = _calendar(setup, selection)
    found, page = candidate_page(member, selection, near, setup=setup, **places_in(request.GET))
    return render(
        request,
        "renewals/list.html",
        {
            "rows": [_row(one, near[one.appointment.state]) for one in found],
            "total": page.total,
            "saved": _saved(member, selection, near, page.total, setup),
            "selection": selection,
            "chips": chips(selection),
            "near": [(one, states()[one.state]) for one in calendar.near],
            "unknown": [states()[state] for state in calendar.unknown],
            "assigns": knows_assignments(member),
            "whys": WHY_LABELS,
            "days": DAYS,
            "buttons": _buttons(member),
            "operation_id": uuid4(),
            "here": query_of(selection),
            **links_of(page, selection, query_of),
        },
    )


def _buttons(member: Membership) -> list[Button]:
    kind = TerminateAppointments
    return [Button(kind.name, kind.verb, "circle-minus")] if member.may(kind.permission) else []


def _row(one: Candidate, renewal: Renewal) -> Row:
    holds = (one.lost_license, one.is_unassigned, bool(one.is_unmarked))
    why = [label for label, is_so in zip(WHY_LABELS.values(), holds, strict=True) if is_so]
    return Row(one, renewal, why, "unknown" if one.fee.cents is None else dollars(one.fee.cents))


def _saved(
    member: Membership, selection: Selection, near: dict[str, Renewal], total: int | None, setup: Setup
) -> str:
    """What the renewals of all that match cost, where they are not too many to add up."""
    if not total:
        return ""
    told = sum_of(candidates(member, selection, near, today=setup.today), setup=setup)
    if told.unknown == total:
        return "unknown"
    return dollars(told.cents) + (f" and {told.unknown:,} unknown" if told.unknown else "")


@require_safe
@needs(Permission.READ)
def renewal_export(request: StaffRequest) -> StreamingHttpResponse:
    """All candidates that the address asks for, as CSV."""
    lines = csv_lines(_cells(request.member, selection_of(request.GET)))
    response = StreamingHttpResponse(_blocks(lines), content_type="text/csv; charset=utf-8")
    day = timezone.localdate()
    response["Content-Disposition"] = f'attachment; filename="renewal-candidates-{day:%Y-%m-%d}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _blocks(lines: Iterator[str]) -> Iterator[str]:
    while block := "".join(islice(lines, ROWS_AT_A_TIME)):
        yield block


def _cells(member: Membership, selection: Selection) -> Iterator[list[object]]:
    """Some at a time, so that memory stays flat however many there are."""
    yield list(HEADER)
    rows = 0
    setup = setup_of(member.organization_id, today=timezone.localdate())
    _, near = _calendar(setup, selection)
    knows = knows_assignments(member)
    everything = candidates(member, selection, near, today=setup.today).order_by("pk")
    last = 0
    while ids := list(everything.filter(pk__gt=last).values_list("pk", flat=True)[:ROWS_AT_A_TIME]):
        last = ids[-1]
        rows += len(ids)
        for one in told_of(member, ids, setup=setup):
            appointment, renewal = one.appointment, near[one.appointment.state]
            yield [
                str(appointment.producer),
                appointment.producer.npn,
                appointment.state,
                appointment.line_name,
                appointment.cocode,
                appointment.company_name,
                renewal.last_day or "unknown",
                renewal.invoice_on or "unknown",
                _yes(one.lost_license),
                _yes(one.is_unassigned if knows else None),
                _yes(one.is_unmarked),
                "unknown" if one.fee.cents is None else dollars(one.fee.cents),
            ]
    record(
        EventKind.REPORT_EXPORTED,
        organization_id=member.organization_id,
        by_id=member.user_id,
        subject="report:renewals",
        data={
            "name": "Before renewal",
            "of": "Appointments",
            "format": "csv",
            "rows": rows,
            "columns": list(HEADER),
        },
    )


def _yes(told: bool | None) -> str:
    return "unknown" if told is None else "yes" if told else "no"


@require_POST
@needs(Permission.READ)
def renewal_terminate(request: StaffRequest) -> HttpResponse:
    """End the candidates that are ticked, or all that match: first it is confirmed."""
    kind = kind_for(request, request.POST.get("action", TerminateAppointments.name), "appointment")
    member, selection = request.member, selection_of(request.GET)
    back = reverse("renewal-list") + query_of(selection)
    if "all" in request.POST:
        setup = setup_of(member.organization_id, today=timezone.localdate())
        _, near = _calendar(setup, selection)
        chosen, told, few = candidates(member, selection, near, today=setup.today), back, False
    else:
        ticked = ticked_in(request, most=PAGE)
        if not ticked:
            messages.info(request, f"Tick the appointments first, then press {kind.verb}.")
            return redirect(back)
        chosen, told, few = visible_appointments(member).filter(pk__in=ticked), ",".join(ticked), True
    operation = start(request, kind, chosen.order_by("state", "id"), told=told, back=back, few=few)
    return redirect("operation-detail", operation.pk)
