"""The list of licenses."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.licenses.address import (
    ALL_IS_WELL,
    ORDER_LABELS,
    STANDING_LABELS,
    chips,
    heading,
    query_of,
    selection_of,
)
from muster.core.words import states
from muster.licenses.models import License
from muster.licenses.queries import IN_FORCE, license_page


@require_safe
@needs(Permission.READ)
def license_list(request: StaffRequest) -> HttpResponse:
    """Licenses, searched, filtered and ordered as the address says; without a word, those in force."""
    selection = selection_of(request.GET)
    found = license_page(
        request.member,
        selection,
        today=timezone.localdate(),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    page, on = found.page, chips(selection)
    return render(
        request,
        "licenses/list.html",
        {
            "lines": found.lines,
            "total": page.total,
            "selection": selection,
            "chips": on,
            "in_force": IN_FORCE,
            "well": ALL_IS_WELL.get(selection.standing, "") if len(on) == 1 else "",
            "headings": {
                "state": heading(selection, "State", "state"),
                "expiry": heading(selection, "Expires", "expiry"),
            },
            "states": states(),
            "standings": STANDING_LABELS,
            "residencies": License.Residency.choices,
            "orders": ORDER_LABELS,
            "first_url": query_of(selection) if page.previous else None,
            "previous_url": query_of(selection, before=page.previous) if page.previous else None,
            "next_url": query_of(selection, after=page.next) if page.next else None,
        },
    )
