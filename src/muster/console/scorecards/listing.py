"""The list of assignments with their scorecards as a listing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from muster.access.models import Membership
from muster.console.lists.asking import Narrowing
from muster.console.lists.listing import Column, Listing
from muster.console.scorecards.address import Asked, query_of, selection_of
from muster.reports.subjects.assignments import ASSIGNMENTS as SUBJECT
from muster.scorecards.queries import WORST_FIRST, matching


def rows(member: Membership, asked: Asked) -> QuerySet[Any]:
    """The scorecards of all that match, the worst first; the key of each is that of its assignment."""
    return Narrowing(SUBJECT, asked, member)(matching(member, asked)).order_by(*WORST_FIRST.by)


ASSIGNMENTS = Listing(
    name="assignments",
    page="scorecard-list",
    subject=SUBJECT,
    asked_of=selection_of,
    query_of=query_of,
    rows=rows,
    row="scorecards/row.html",
    columns=(
        Column("producer", "Producer", "scorecards/cells/producer.html", fields=("producer", "npn")),
        Column(
            "categories", "Meant to sell", "scorecards/cells/categories.html", fields=("categories", "states")
        ),
        Column("percent", "Complete", "scorecards/cells/percent.html"),
        Column(
            "gaps",
            "Gaps, and what closes them",
            "scorecards/cells/gaps.html",
            fields=("gaps", "gap_states"),
        ),
    ),
)
