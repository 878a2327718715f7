"""Assignments: what producers are meant to sell, and what they lack for it."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.assignments.models import Assignment
from muster.core.scorecard import GAP_WORDS
from muster.core.table import FieldKind
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES, SCORECARD_TYPES, states
from muster.reports.fields import Field
from muster.reports.subject import Subject, register
from muster.reports.subjects.producers import imported_by_me, producer_fields
from muster.scorecards.models import Gap

K = FieldKind


def visible_assignments(member: Membership) -> OrganizationQuerySet:
    """The assignments that the member may read."""
    assignments: OrganizationQuerySet = Assignment.objects.visible_to(member, Permission.READ)
    return assignments


def _gaps(of: str) -> ArraySubquery:
    return ArraySubquery(
        Gap.objects.filter(scorecard=OuterRef("pk")).order_by(of).values_list(of, flat=True).distinct()
    )


ASSIGNMENTS = register(
    Subject(
        name="assignments",
        label="Assignments with Gaps",
        one="assignment",
        many="assignments",
        rows=visible_assignments,
        fields=(
            *producer_fields("producer__", "Producer"),
            Field("categories", "LOA Categories", K.CHOICES, "categories", choices=LOA_CATEGORIES),
            Field("states", "States", K.CHOICES, "states", choices=states(), tells_code=True),
            Field("cocodes", "CoCodes", K.CHOICES, "cocodes"),
            Field("scorecard_type", "Scorecard Type", K.CHOICE, "scorecard_type", choices=SCORECARD_TYPES),
            Field("agent_type", "Agent Type", K.CHOICE, "agent_type", choices=AGENT_TYPES),
            Field("starts_on", "Starts", K.DATE, "starts_on"),
            Field("ends_on", "Ends", K.DATE, "ends_on"),
            Field("percent", "Percent Complete", K.NUMBER, "scorecard__percent", section="Scorecard"),
            Field("lines", "Lines Asked For", K.NUMBER, "scorecard__lines", section="Scorecard"),
            Field("ready", "Lines Ready", K.NUMBER, "scorecard__ready", section="Scorecard"),
            Field(
                "gap_states",
                "States With Gaps",
                K.CHOICES,
                made=_gaps("state"),
                choices=states(),
                tells_code=True,
                section="Scorecard",
            ),
            Field(
                "gaps",
                "Gaps",
                K.CHOICES,
                made=_gaps("kind"),
                section="Scorecard",
                choices={kind.value: words for kind, words in GAP_WORDS.items()},
            ),
        ),
        columns=("producer", "npn", "categories", "states", "percent", "gaps", "gap_states"),
        filters=("states", "categories", "percent", "gaps"),
        mine=imported_by_me("producer_id"),
        mine_label="of producers that I imported",
        summary="One row an assignment: what a producer is meant to sell, how much of it is met, what lacks.",
    )
)
