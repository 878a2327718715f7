"""The list of appointments."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.appointments.models import Appointment
from muster.appointments.queries import ORDERS, Selection, appointment_page, is_in_force
from muster.console.appointments.address import (
    ORDER_LABELS,
    STANDING_LABELS,
    Asked,
    chips,
    query_of,
    selection_of,
)
from muster.console.appointments.listing import APPOINTMENTS
from muster.console.lists.address import places_in
from muster.console.lists.asking import Narrowing, question_chips
from muster.console.lists.links import links_of
from muster.console.lists.pages import page_of_list
from muster.console.lists.shown import list_context
from muster.core.health import RISK_WORDS
from muster.core.words import states

AT_RISK = Appointment.Health.AT_RISK
WELL = "Every appointment in force is held up by a license and its line, as far as the registry tells."


@dataclass(frozen=True, slots=True)
class Row:
    """One appointment of the list; `company_url` narrows the list to its company."""

    appointment: Appointment
    in_force: bool
    company_url: str


@require_safe
@needs(Permission.READ)
@page_of_list(APPOINTMENTS)
def appointment_list(request: StaffRequest) -> HttpResponse:
    """Appointments, searched, filtered and ordered as the address says."""
    selection = selection_of(request.GET)
    found = appointment_page(
        request.member,
        selection,
        narrow=Narrowing(APPOINTMENTS.subject, selection, request.member),
        **places_in(request.GET),
    )
    page = found.page
    rows = [_row(one, selection) for one in found.appointments]
    return render(
        request,
        "appointments/list.html",
        {
            "appointments": rows,
            "total": page.total,
            "selection": selection,
            "chips": [*chips(selection), *question_chips(selection, query_of, APPOINTMENTS.subject)],
            "well": WELL if selection in (Asked(health=AT_RISK), Asked(risk=selection.risk)) else "",
            "at_risk_url": query_of(replace(selection, health=AT_RISK)) if not selection.health else "",
            "states": states(),
            "healths": Appointment.Health.choices,
            "risks": RISK_WORDS,
            "standings": STANDING_LABELS,
            "orders": ORDER_LABELS,
            **links_of(page, selection, query_of),
            **list_context(request, APPOINTMENTS, selection, rows, objects=found.appointments, orders=ORDERS),
        },
    )


def _row(appointment: Appointment, selection: Selection) -> Row:
    company_url = query_of(replace(selection, cocode=appointment.cocode))
    return Row(appointment, is_in_force(appointment), company_url)
