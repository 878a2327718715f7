"""The list of agencies as a listing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from muster.access.models import Membership
from muster.console.lists.asking import Narrowing
from muster.console.lists.listing import Column, Listing
from muster.console.lists.searched import Asked, asked_reader, query_of
from muster.producers.queries import AGENCY_ORDERS, agencies_found
from muster.reports.subjects.agencies import AGENCIES as SUBJECT


def rows(member: Membership, asked: Asked) -> QuerySet[Any]:
    """All that match, by name."""
    found = agencies_found(member, asked.search)
    return Narrowing(SUBJECT, asked, member)(found).order_by(*AGENCY_ORDERS["name"].by)


AGENCIES = Listing(
    name="agencies",
    page="agency-list",
    subject=SUBJECT,
    asked_of=asked_reader(SUBJECT),
    query_of=query_of,
    rows=rows,
    row="agencies/row.html",
    columns=(
        Column("name", "Name", "agencies/cells/name.html"),
        Column("npn", "NPN", "agencies/cells/npn.html"),
        Column("producers", "Producers", "agencies/cells/producers.html", at_end=True),
    ),
)
