"""Appointments: companies' registrations of producers with states for lines."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value
from django.db.models.functions import Now, Upper

from muster.producers.models import OfProducerQuerySet


class Appointment(models.Model):
    """What a state says about a producer, a company and a line. Key: company, state, line, county.

    `first_effective_on` is set once and never overwritten: some states send the renewal date in its place.
    `health` is Muster's own verdict on whether it is still good today, with its reasons in `risks`
    (`muster.core.health.Risk`); an appointment that ended long ago has none.
    `origin` says who knows of it: only what the registry has listed once can be gone from its lists.
    """

    class Origin(models.TextChoices):
        REGISTRY = "registry", "Registry"
        FILED = "filed", "Filed here, not yet listed"
        INTERNAL = "internal", "Internal register"

    class Health(models.TextChoices):
        ACTIVE = "active", "Active"
        AT_RISK = "at_risk", "At risk"

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey(
        "producers.Producer", models.CASCADE, related_name="appointments", db_index=False
    )
    state = models.CharField(max_length=2)
    cocode = models.TextField()
    company_name = models.TextField(default="")
    fein = models.TextField(default="")
    line_name = models.TextField(default="")
    line_code = models.TextField(default="")
    county_code = models.TextField(default="")
    status = models.TextField(default="")
    termination_reason = models.TextField(default="")
    first_effective_on = models.DateField(null=True)
    status_on = models.DateField(null=True)
    renews_on = models.DateField(null=True)
    agency_affiliation = models.TextField(default="")
    state_company_id = models.TextField(default="")
    gone_at = models.DateTimeField(null=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.REGISTRY, db_default="registry")
    first_seen_at = models.DateTimeField(db_default=Now())
    health = models.CharField(max_length=8, choices=Health, default="", db_default="")
    risks = ArrayField(
        models.CharField(max_length=24), default=list, db_default=Value([], ArrayField(models.CharField()))
    )

    objects = OfProducerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["producer", "state", "cocode", "line_code", "line_name", "county_code"],
                name="appointment_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "id"], name="appointment_by_age"),
            models.Index(fields=["organization", "state", "id"], name="appointment_by_state"),
            models.Index(fields=["organization", "cocode", "id"], name="appointment_by_company"),
            # Lines are asked for in any case; with it the database knows how many appointments each line has.
            models.Index("organization", Upper("line_name"), "id", name="appointment_by_line"),
            # With reasons and producers in the index, counting by reason reads little else.
            models.Index(
                fields=["organization", "state", "id"],
                include=["risks", "producer"],
                name="appointment_at_risk",
                condition=models.Q(health="at_risk"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company_name} {self.state} {self.line_name}"
