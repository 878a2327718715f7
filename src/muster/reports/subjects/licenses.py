"""Licenses as the registry last told them, and the license that stands behind something else."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models import Field as ModelField
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from muster.assignments.models import Assignment
from muster.core.licensing import PAYER_LABELS
from muster.core.profile import QUESTIONS
from muster.core.table import FieldKind
from muster.core.words import states
from muster.licenses.models import License, LineOfAuthority
from muster.licenses.queries import visible_licenses
from muster.licenses.standing import SOON, Standing
from muster.portals.models import PortalUser
from muster.producers.models import Producer, RegistryAddress, RegistryContact
from muster.profiles.models import BackgroundAnswer, OwnContact
from muster.reports.fields import Field, today
from muster.reports.subject import Subject, register
from muster.reports.subjects.producers import imported_by_me, producer_fields

K = FieldKind
TEXT = TextField()
RESIDENCY = dict(License.Residency.choices)
RENEWS = Coalesce("producer__payment_setup__auto_renewal", Value(False), output_field=BooleanField())
PAYS = Coalesce("producer__payment_setup__renewal_paid_by", Value(""), output_field=TEXT)
LISTED = Case(When(gone_at=None, then=Value(True)), default=Value(False), output_field=BooleanField())

ASSIGNED = Exists(
    Assignment.objects.filter(producer=OuterRef("producer_id"), states__contains=[OuterRef("state")])
)

NOT_ASKED = "not_asked"
NEEDED: dict[str, str] = {
    "email": "Email",
    "phone": "Phone",
    "address": "Address",
    "ssn": "SSN",
    "employment": "Employment history",
    "background": "Background questions",
    NOT_ASKED: "Not asked for employment and background",
}
"""What a producer's profile is to have; a firm has no SSN.

Employment history and background questions are asked in a portal. Of who has no seat there nothing is known
of them: that is told as not asked, and never as missing or as there.
"""


def _lacks(what: str, unless: Q) -> Case:
    return Case(When(unless, then=Value(None)), default=Value(what), output_field=TEXT)


def _tells(kind: str) -> Exists:
    return Exists(_listed(RegistryContact).filter(kind=kind))


def _listed(model: type[RegistryAddress | RegistryContact]) -> QuerySet[Any]:
    return model.objects.filter(producer=OuterRef("producer_id"), gone_at=None)


def _own(*names: str) -> Exists:
    """Whether the producer says any of these themselves."""
    told = Q(*((f"{name}__gt", "") for name in names), _connector=Q.OR)
    return Exists(OwnContact.objects.filter(told, producer=OuterRef("producer_id")))


IS_ASKED = Exists(PortalUser.objects.filter(producer=OuterRef("producer_id"), closed_at=None))
HAS_GAP = Func(F("producer_id"), today(), function="muster_has_employment_gap", output_field=BooleanField())
ANSWERED = Subquery(
    BackgroundAnswer.objects.filter(producer=OuterRef("producer_id"), question__in=list(QUESTIONS))
    .order_by()
    .values("producer")
    .annotate(n=Count("pk"))
    .values("n"),
    output_field=IntegerField(),
)

MISSING = Func(
    _lacks("email", ~Q(producer__email="") | Q(_tells("email")) | Q(_own("email"))),
    _lacks("phone", Q(_tells("phone")) | Q(_own("phone", "mobile"))),
    _lacks("address", Q(Exists(_listed(RegistryAddress))) | Q(_own("line_1"))),
    _lacks("ssn", Q(producer__ssn_sealed__isnull=False) | Q(producer__kind=Producer.Kind.FIRM)),
    _lacks("employment", ~Q(IS_ASKED) | ~Q(HAS_GAP)),
    _lacks("background", ~Q(IS_ASKED) | Q(Exact(Coalesce(ANSWERED, 0), len(QUESTIONS)))),
    _lacks(NOT_ASKED, Q(IS_ASKED)),
    template="array_remove(ARRAY[%(expressions)s]::text[], NULL)",
    output_field=ArrayField(TEXT),
)
"""What of `NEEDED` is neither in a file, nor told by the registry or by the producer."""

LINES = Subquery(
    LineOfAuthority.objects.filter(license=OuterRef("pk"), gone_at=None)
    .order_by()
    .values("license")
    .annotate(n=Count("pk"))
    .values("n"),
    output_field=IntegerField(),
)

STANDINGS: dict[str, str] = {
    Standing.ACTIVE: f"Active for more than {SOON.days} days",
    Standing.EXPIRES_SOON: f"Expires within {SOON.days} days",
    Standing.EXPIRED: "Expired",
    Standing.INACTIVE: "Inactive",
    Standing.GONE: "No longer listed",
}
"""How a license stands today: the same decision as `standing_of`."""


def _standing() -> Case:
    return Case(
        When(gone_at__isnull=False, then=Value(Standing.GONE.value)),
        When(is_active=False, then=Value(Standing.INACTIVE.value)),
        When(expires_on__lt=today(), then=Value(Standing.EXPIRED.value)),
        When(expires_on__lte=today() + Value(SOON), then=Value(Standing.EXPIRES_SOON.value)),
        default=Value(Standing.ACTIVE.value),
        output_field=TextField(),
    )


LICENSES = register(
    Subject(
        name="licenses",
        label="Producers with Licenses",
        one="license",
        many="licenses",
        rows=visible_licenses,
        fields=(
            *producer_fields("producer__", section="Producer"),
            Field("state", "License State", K.CHOICE, "state", choices=states(), tells_code=True),
            Field("number", "License Number", path="number"),
            Field("class_name", "License Class", path="class_name"),
            Field("class_code", "License Class Code", path="class_code"),
            Field("residency", "Residency", K.CHOICE, "residency", choices=RESIDENCY),
            Field("is_active", "Active", K.FLAG, "is_active"),
            Field("issued_on", "Issued", K.DATE, "issued_on"),
            Field("expires_on", "Expires", K.DATE, "expires_on"),
            Field("updated_on", "Updated by State", K.DATE, "updated_on"),
            Field("lines", "Lines", K.NUMBER, made=LINES),
            Field("standing", "Standing", K.CHOICE, made=_standing(), choices=STANDINGS),
            Field("listed", "Listed by the Registry", K.FLAG, made=LISTED),
            Field("auto_renewal", "Auto-renewal", K.FLAG, made=RENEWS, section="Renewal"),
            Field(
                "renewal_paid_by",
                "Renewal Paid By",
                K.CHOICE,
                made=PAYS,
                choices=PAYER_LABELS,
                blank=Value("not set"),
                section="Renewal",
            ),
            Field("assigned", "Assigned", K.FLAG, made=ASSIGNED),
            Field("missing", "Missing in Profile", K.CHOICES, made=MISSING, choices=NEEDED),
        ),
        columns=("producer", "npn", "state", "number", "class_name", "residency", "is_active", "expires_on"),
        filters=("state", "residency", "is_active", "expires_on"),
        mine=imported_by_me("producer_id"),
        mine_label="of producers that I imported",
        target="license",
        summary="One row a license: whose, where, of which class, until when.",
    )
)


def license_fields(state: str, section: str) -> tuple[Field, ...]:
    """The license of a row's `producer_id` in the state that stands at `state`: the best that is listed.

    An active one comes before others, a resident one before a nonresident one, one that lasts longer before
    one that ends sooner.
    """
    best = License.objects.filter(
        producer=OuterRef("producer_id"), state=OuterRef(state), gone_at=None
    ).order_by("-is_active", F("residency").desc(), F("expires_on").desc(nulls_first=True), "id")

    def of(name: str, kind: ModelField[Any, Any] = TEXT) -> Subquery:
        return Subquery(best.values(name)[:1], output_field=kind)

    def field(name: str, label: str, kind: FieldKind, made: Subquery, **more: Any) -> Field:
        return Field(name, label, kind, made=made, section=section, **more)

    return (
        field("license_number", "License Number", K.TEXT, of("number")),
        field("license_class", "License Class", K.TEXT, of("class_name")),
        field("license_residency", "Residency", K.CHOICE, of("residency"), choices=RESIDENCY),
        field("license_active", "License Active", K.FLAG, of("is_active", BooleanField())),
        field("license_issued_on", "License Issued", K.DATE, of("issued_on", DateField())),
        field("license_expires_on", "License Expires", K.DATE, of("expires_on", DateField())),
    )
