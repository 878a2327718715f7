"""Companies: the carriers for which producers are appointed."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from muster.carriers.models import CompanyState
from muster.carriers.queries import visible_companies
from muster.core.table import FieldKind
from muster.core.words import LOA_CATEGORIES, states
from muster.reports.fields import Field
from muster.reports.subject import Subject, register

K = FieldKind
APPOINTS_IN = ArraySubquery(
    CompanyState.objects.filter(company=OuterRef("pk")).order_by("state").values_list("state", flat=True)
)

COMPANIES = register(
    Subject(
        name="companies",
        label="Companies",
        one="company",
        many="companies",
        rows=visible_companies,
        fields=(
            Field("name", "Name", path="name"),
            Field("cocode", "CoCode", path="cocode"),
            Field("categories", "Appoints For", K.CHOICES, "categories", choices=LOA_CATEGORIES),
            Field("states", "Appoints In", K.CHOICES, made=APPOINTS_IN, choices=states(), tells_code=True),
            Field("fein", "FEIN", path="fein"),
            Field("domicile", "Domicile", K.CHOICE, "domicile", choices=states(), tells_code=True),
            Field("internal", "Keeps Internal Appointments", K.FLAG, "create_internal_appointments"),
            Field("assignment_required", "Assignment Required", K.FLAG, "assignment_required"),
        ),
        columns=("name", "cocode", "categories", "states"),
        filters=("name", "cocode", "categories", "states"),
        target="company",
        summary="One row a company: what it appoints for, and where.",
    )
)
