"""The list of companies as a listing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from muster.access.models import Membership
from muster.carriers.queries import BY_NAME, companies_found
from muster.console.lists.asking import Narrowing
from muster.console.lists.listing import Column, Listing
from muster.console.lists.searched import Asked, asked_reader, query_of
from muster.reports.subjects.companies import COMPANIES as SUBJECT


def rows(member: Membership, asked: Asked) -> QuerySet[Any]:
    """All that match, by name."""
    found = companies_found(member, asked.search)
    return Narrowing(SUBJECT, asked, member)(found).order_by(*BY_NAME.by)


COMPANIES = Listing(
    name="companies",
    page="company-list",
    subject=SUBJECT,
    asked_of=asked_reader(SUBJECT),
    query_of=query_of,
    rows=rows,
    row="carriers/company_row.html",
    columns=(
        Column("name", "Name", "carriers/cells/name.html"),
        Column("cocode", "CoCode", "carriers/cells/cocode.html"),
        Column("categories", "Appoints for", "carriers/cells/categories.html"),
        Column("states", "States", "carriers/cells/states.html", at_end=True),
    ),
    icons={"update-companies": "edit"},
)
