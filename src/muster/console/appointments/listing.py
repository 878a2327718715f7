"""The list of appointments as a listing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from muster.access.models import Membership
from muster.appointments.queries import ORDERS, matching, visible_appointments
from muster.console.appointments.address import Asked, query_of, selection_of
from muster.console.lists.asking import Narrowing
from muster.console.lists.listing import Column, Listing
from muster.reports.subjects.appointments import APPOINTMENTS as SUBJECT


def rows(member: Membership, asked: Asked) -> QuerySet[Any]:
    """All that match, in the list's order."""
    found = matching(visible_appointments(member), member, asked)
    return Narrowing(SUBJECT, asked, member)(found).order_by(*ORDERS[asked.order].by)


APPOINTMENTS = Listing(
    name="appointments",
    page="appointment-list",
    subject=SUBJECT,
    asked_of=selection_of,
    query_of=query_of,
    rows=rows,
    row="appointments/row.html",
    columns=(
        Column("state", "State", "appointments/cells/state.html", order="state"),
        Column("producer", "Producer", "appointments/cells/producer.html", fields=("producer", "npn")),
        Column(
            "company",
            "Company",
            "appointments/cells/company.html",
            order="company",
            fields=("company", "cocode"),
        ),
        Column("line", "Line", "appointments/cells/line.html"),
        Column("status", "Status", "appointments/cells/status.html"),
        Column("effective_on", "Effective", "appointments/cells/effective_on.html"),
        Column("health", "Health", "appointments/cells/health.html", fields=("health", "risks")),
    ),
    icons={"terminate-appointments": "clipboard-x"},
)
