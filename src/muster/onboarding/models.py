"""Producers who are being onboarded, and territories: named groups of states."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower, Now

from muster.access.models import OrganizationQuerySet
from muster.core.findings import Finding
from muster.core.licensing import PAYER_LABELS
from muster.core.onboarding import UNDER_WAY, DraftStatus, IdentifiedBy, Step

PAYERS = list(PAYER_LABELS.items())


class Draft(models.Model):
    """A producer being onboarded, from the first identification to Finish.

    `facts` are what the registry said and the pages show, `details` a person's corrections, `choices` the
    lines chosen in each state. `why` is a finding when it failed: code, field, value and params.
    One of a bulk onboarding has its `operation` and the row it stood in. `version` counts the writes, so that
    two persons in one draft never write over each other. A `discarded` or `onboarded` one is history.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    operation = models.ForeignKey(
        "bulk.Operation", models.CASCADE, null=True, related_name="drafts", db_index=False
    )
    row_no = models.IntegerField(null=True)

    identified_by = models.CharField(max_length=7, choices=[(one.value, one.value) for one in IdentifiedBy])
    npn = models.CharField(max_length=10, default="", db_default="", db_collation="C")
    email = models.CharField(max_length=254, default="", db_default="")
    last_name = models.CharField(max_length=200, default="", db_default="")
    gender = models.CharField(max_length=20, default="", db_default="")
    ssn_sealed = models.TextField(null=True)
    ssn_last4 = models.CharField(max_length=4, null=True)
    ssn_index = models.CharField(max_length=64, null=True)
    license_number = models.CharField(max_length=60, default="", db_default="")
    license_state = models.CharField(max_length=2, default="", db_default="")

    status = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in DraftStatus],
        default=DraftStatus.IDENTIFIED.value,
        db_default=DraftStatus.IDENTIFIED.value,
    )
    why = models.JSONField(null=True)
    facts = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    looked_up_at = models.DateTimeField(null=True)
    details = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))

    new_paid_by = models.CharField(max_length=8, choices=PAYERS, blank=True, default="", db_default="")
    renewal_paid_by = models.CharField(max_length=8, choices=PAYERS, blank=True, default="", db_default="")
    auto_renewal = models.BooleanField(default=False, db_default=False)
    choices = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    step = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in Step],
        default=Step.DETAILS.value,
        db_default=Step.DETAILS.value,
    )

    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    touched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    touched_at = models.DateTimeField(db_default=Now())
    version = models.IntegerField(default=1, db_default=1)

    producer = models.ForeignKey("producers.Producer", models.SET_NULL, null=True, related_name="drafts")
    is_readded = models.BooleanField(default=False, db_default=False)

    # Of one of a file: how often the registry was asked in vain, and when it is asked again.
    attempts = models.IntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operation", "row_no"], name="draft_row_once", condition=Q(operation__isnull=False)
            ),
            # One by one, a producer is onboarded by one draft at a time.
            models.UniqueConstraint(
                fields=["organization", "npn"],
                name="draft_under_way_once",
                condition=~Q(npn="") & Q(operation__isnull=True, status__in=[one.value for one in UNDER_WAY]),
            ),
            models.CheckConstraint(
                condition=Q(operation__isnull=True) | Q(row_no__isnull=False), name="draft_of_bulk_has_row"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "-touched_at", "id"],
                name="draft_under_way",
                condition=Q(operation__isnull=True, status__in=[one.value for one in UNDER_WAY]),
            ),
            models.Index(fields=["organization", "npn"], name="draft_by_npn", condition=~Q(npn="")),
            models.Index(
                fields=["operation", "status", "row_no"],
                name="draft_of_bulk",
                condition=Q(operation__isnull=False),
            ),
            models.Index(
                fields=["row_no", "id"],
                name="draft_to_retrieve",
                condition=Q(
                    operation__isnull=False, status__in=[DraftStatus.IDENTIFIED, DraftStatus.RETRIEVING]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"


def as_kept(found: Finding) -> dict[str, Any]:
    """A finding as a draft keeps it."""
    return {"code": found.code, "field": found.field, "value": found.value, "params": dict(found.params)}


class RequiredColumns(models.Model):
    """Which columns of a file of producers an organization wants filled in each row; without it, all."""

    organization = models.OneToOneField(
        "access.Organization", models.CASCADE, primary_key=True, related_name="+"
    )
    email = models.BooleanField(default=True, db_default=True)
    ssn = models.BooleanField(default=True, db_default=True)
    gender = models.BooleanField(default=True, db_default=True)

    def __str__(self) -> str:
        return f"columns of {self.organization_id}"

    @classmethod
    def of(cls, organization_id: int) -> RequiredColumns:
        """The organization's choice, or the usual one."""
        return cls.objects.filter(pk=organization_id).first() or cls(organization_id=organization_id)


class Territory(models.Model):
    """A named group of states, used wherever states are chosen."""

    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="territories")
    name = models.CharField(max_length=60)
    states = ArrayField(models.CharField(max_length=2))
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("organization", Lower("name"), name="territory_name_once"),
            models.CheckConstraint(condition=Q(states__len__gt=0), name="territory_has_states"),
        ]

    def __str__(self) -> str:
        return self.name
