"""The list of producers as a listing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from muster.access.models import Membership
from muster.bulk.kinds import SelectionKind
from muster.console.lists.asking import Narrowing
from muster.console.lists.listing import Column, Listing
from muster.console.producers.address import Asked, query_of, selection_of
from muster.offboarding.keeping import CallOffRemovals
from muster.producers.queries import ORDERS, matching, visible_producers
from muster.reports.subjects.producers import PRODUCERS as SUBJECT


def rows(member: Membership, asked: Asked) -> QuerySet[Any]:
    """All that match, in the list's order."""
    found = matching(visible_producers(member), asked)
    return Narrowing(SUBJECT, asked, member)(found).order_by(*ORDERS[asked.order].by)


def offers(asked: Asked, kind: SelectionKind) -> bool:
    """Whether the action makes sense for what is asked: removals are called off where they are listed."""
    return asked.problem == "leaving" or not isinstance(kind, CallOffRemovals)


PRODUCERS = Listing(
    name="producers",
    page="producer-list",
    subject=SUBJECT,
    asked_of=selection_of,
    query_of=query_of,
    rows=rows,
    row="producers/row.html",
    key="npn",
    columns=(
        Column("producer", "Name", "producers/cells/producer.html", order="name"),
        Column("npn", "NPN", "producers/cells/npn.html", order="npn"),
        Column("agency", "Agency", "producers/cells/agency.html"),
        Column("license_states", "Licensed in", "producers/cells/license_states.html"),
        Column("licenses", "Licenses in force", "producers/cells/licenses.html", at_end=True),
        Column("sync_status", "Sync", "producers/cells/sync_status.html", order="-synced"),
    ),
    icons={
        "portal-users": "user-share",
        "resync-producers": "refresh",
        "send-email": "send",
        "update-producers": "edit",
        "remove-producers": "user-minus",
        "call-off-removals": "user-check",
    },
    offers=offers,
)
