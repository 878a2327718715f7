"""Agencies: the firms to which producers belong."""

from __future__ import annotations

from django.db.models import Count, IntegerField, OuterRef, Subquery

from muster.core.table import FieldKind
from muster.producers.models import Producer
from muster.producers.queries import visible_agencies
from muster.reports.fields import Field
from muster.reports.subject import Subject, register

PRODUCERS_OF = Subquery(
    Producer.objects.filter(agency=OuterRef("pk"), removed_at=None)
    .order_by()
    .values("agency")
    .annotate(n=Count("pk"))
    .values("n"),
    output_field=IntegerField(),
)

AGENCIES = register(
    Subject(
        name="agencies",
        label="Agencies",
        one="agency",
        many="agencies",
        rows=visible_agencies,
        fields=(
            Field("name", "Name", path="name"),
            Field("npn", "NPN", path="npn"),
            Field("producers", "Producers", FieldKind.NUMBER, made=PRODUCERS_OF),
            Field("added_at", "Added", FieldKind.DATE, "created_at", is_time=True),
        ),
        columns=("name", "npn", "producers"),
        filters=("name", "npn"),
        target="agency",
        summary="One row an agency, with how many producers it has.",
    )
)
