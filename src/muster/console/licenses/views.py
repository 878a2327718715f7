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
    query_of,
    selection_of,
    tabs,
)
from muster.console.licenses.listing import LICENSES
from muster.console.licenses.renewing import tell_renewals
from muster.console.lists.address import places_in
from muster.console.lists.asking import Narrowing, question_chips
from muster.console.lists.links import links_of
from muster.console.lists.pages import page_of_list
from muster.console.lists.shown import list_context
from muster.core.words import states
from muster.licenses.models import License
from muster.licenses.queries import IN_FORCE, ORDERS, license_page


@require_safe
@needs(Permission.READ)
@page_of_list(LICENSES)
def license_list(request: StaffRequest) -> HttpResponse:
    """Licenses, searched, filtered and ordered as the address says; without a word, those in force."""
    selection = selection_of(request.GET)
    found = license_page(
        request.member,
        selection,
        today=timezone.localdate(),
        narrow=Narrowing(LICENSES.subject, selection, request.member),
        **places_in(request.GET),
    )
    objects = [line.license for line in found.lines]
    told = tell_renewals(request.member, objects, today=timezone.localdate())
    for license in objects:
        # Where its cells find it.
        license.renewal = told[license.pk]  # type: ignore[attr-defined]
    page, on = found.page, [*chips(selection), *question_chips(selection, query_of, LICENSES.subject)]
    return render(
        request,
        "licenses/list.html",
        {
            "lines": found.lines,
            "total": page.total,
            "selection": selection,
            "chips": on,
            "in_force": IN_FORCE,
            "tabs": tabs(selection),
            "well": ALL_IS_WELL.get(selection.standing, "") if len(on) == 1 else "",
            "states": states(),
            "standings": STANDING_LABELS,
            "residencies": License.Residency.choices,
            "orders": ORDER_LABELS,
            **links_of(page, selection, query_of),
            **list_context(
                request,
                LICENSES,
                selection,
                found.lines,
                objects=objects,
                orders=ORDERS,
            ),
        },
    )
