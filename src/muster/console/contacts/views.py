"""The list of contacts."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.contacts.address import (
    LIST_LABELS,
    ORDER_LABELS,
    Asked,
    chips,
    query_of,
    selection_of,
    views,
)
from muster.console.contacts.listing import CONTACTS
from muster.console.lists.address import places_in
from muster.console.lists.asking import Narrowing, question_chips
from muster.console.lists.links import links_of
from muster.console.lists.pages import page_of_list
from muster.console.lists.shown import list_context
from muster.portals.contacts import ALL, ORDERS, ORDERS_OF, contact_page
from muster.portals.queries import STATES
from muster.producers.queries import NO_AGENCY, agency_choices


@require_safe
@needs(Permission.READ)
@page_of_list(CONTACTS)
def contact_list(request: StaffRequest) -> HttpResponse:
    """Contacts: those whom the person has looked at, last first, or all of them."""
    member, selection = request.member, selection_of(request.GET)
    narrow = Narrowing(CONTACTS.subject, selection, member)
    found, page = contact_page(member, selection, narrow=narrow, **places_in(request.GET))
    agencies, are_all = agency_choices(member, chosen=selection.agency)
    agency = next((one for one in agencies if one.pk == selection.agency), None)
    everything = Asked(list=ALL, order=ORDERS_OF[ALL][0])
    return render(
        request,
        "contacts/list.html",
        {
            "contacts": found,
            "total": page.total,
            "selection": selection,
            "chips": [*chips(selection, agency), *question_chips(selection, query_of, CONTACTS.subject)],
            "views": views(selection),
            "view_label": LIST_LABELS[selection.list],
            "everything_url": query_of(everything),
            "states": STATES,
            "agencies": agencies,
            "agencies_are_all": are_all,
            "no_agency": NO_AGENCY,
            "orders": {name: ORDER_LABELS[name] for name in ORDERS_OF[selection.list]},
            **links_of(page, selection, query_of),
            **list_context(request, CONTACTS, selection, found, objects=found, orders=ORDERS),
            "may_invite": member.may(Permission.INVITE_PRODUCERS),
            "may_import": member.may(Permission.IMPORT),
        },
    )
