"""The list of contacts as a listing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from muster.access.models import Membership
from muster.bulk.kinds import SelectionKind
from muster.console.contacts.address import Asked, query_of, selection_of
from muster.console.lists.asking import Narrowing
from muster.console.lists.listing import Column, Listing
from muster.licenses.payment import UpdatePayment
from muster.offboarding.keeping import CallOffRemovals
from muster.portals.contacts import ORDERS, matching, visible_contacts
from muster.registry.resyncing import ResyncProducers
from muster.reports.subjects.contacts import CONTACTS as SUBJECT


def rows(member: Membership, asked: Asked) -> QuerySet[Any]:
    """All that match, in the list's order."""
    found = matching(visible_contacts(member), member, asked)
    return Narrowing(SUBJECT, asked, member)(found).order_by(*ORDERS[asked.order].by)


OF_PRODUCERS = frozenset({ResyncProducers.name, UpdatePayment.name, CallOffRemovals.name})
"""What is done where producers are listed: it concerns the registry, licenses, or a list of its own."""


def offers(asked: Asked, kind: SelectionKind) -> bool:
    """Whether the action concerns producers as people."""
    return kind.name not in OF_PRODUCERS


CONTACTS = Listing(
    name="contacts",
    page="contact-list",
    subject=SUBJECT,
    asked_of=selection_of,
    query_of=query_of,
    rows=rows,
    row="contacts/row.html",
    key="npn",
    columns=(
        Column("producer", "Name", "producers/cells/producer.html", order="name"),
        Column("email", "Email", "contacts/cells/email.html"),
        Column("agency", "Agency", "producers/cells/agency.html"),
        Column("npn", "NPN", "producers/cells/npn.html", order="npn"),
        Column("portal_state", "Portal", "contacts/cells/portal_state.html"),
        Column("viewed_at", "Last viewed", "contacts/cells/viewed_at.html"),
    ),
    icons={
        "portal-users": "user-share",
        "update-producers": "edit",
        "remove-producers": "user-minus",
    },
    offers=offers,
)
