"""Licenses and their lines of authority, as the registry last told them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Now

from muster.core.licensing import PAYER_LABELS
from muster.producers.models import AboutProducerQuerySet, OfProducerQuerySet

PAYERS = list(PAYER_LABELS.items())

ENDS = Coalesce("expires_on", Value(date(9999, 12, 31)))
"""When a license ends, in an order without nulls: one that does not expire stands last."""


class License(models.Model):
    """One license of a producer in a state. Key: state, number and class."""

    class Residency(models.TextChoices):
        RESIDENT = "R", "Resident"
        NONRESIDENT = "NR", "Nonresident"

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey(
        "producers.Producer", models.CASCADE, related_name="licenses", db_index=False
    )
    state = models.CharField(max_length=2)
    number = models.TextField()
    class_code = models.TextField(default="")
    class_name = models.TextField(default="")
    residency = models.CharField(max_length=2, choices=Residency, default="")
    is_active = models.BooleanField(default=False)
    issued_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    adjuster_home_state = models.TextField(default="")
    updated_on = models.DateField(null=True)
    gone_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField(db_default=Now())

    objects = OfProducerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["producer", "state", "number", "class_code"], name="license_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "state", "producer"], name="license_by_state"),
            models.Index(
                fields=["organization", "expires_on", "id"],
                include=["producer"],
                name="license_by_expiry",
                condition=models.Q(gone_at__isnull=True, is_active=True),
            ),
            models.Index(F("organization"), ENDS, F("id"), name="license_by_end"),
            # Of all that are listed few are inactive: the list of what needs attention finds them at once.
            models.Index(
                F("organization"),
                ENDS,
                F("id"),
                name="license_inactive",
                condition=models.Q(gone_at__isnull=True, is_active=False),
            ),
            models.Index(
                fields=["organization", "id"],
                name="license_gone",
                condition=models.Q(gone_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.number}"


class LineOfAuthority(models.Model):
    """What a license allows, in the state's own words and code. Key: license, code and description."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    license = models.ForeignKey(License, models.CASCADE, related_name="lines", db_index=False)
    code = models.TextField(default="")
    name = models.TextField()
    status = models.TextField(default="")
    status_reason = models.TextField(default="")
    status_reason_on = models.DateField(null=True)
    issued_on = models.DateField(null=True)
    ce_compliance = models.TextField(default="")
    ce_renewal_on = models.DateField(null=True)
    ce_credits_needed = models.TextField(default="")
    gone_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["license", "code", "name"], name="line_once")
        ]

    def __str__(self) -> str:
        return self.name


class PaymentSetup(models.Model):
    """Who pays for a producer's licenses, and whether they are renewed by themselves.

    A producer without one has nothing decided: nothing is renewed, and no payer is recorded.
    """

    producer = models.OneToOneField(
        "producers.Producer", models.CASCADE, primary_key=True, related_name="payment_setup"
    )
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    new_paid_by = models.CharField(max_length=8, choices=PAYERS, default="", db_default="", blank=True)
    renewal_paid_by = models.CharField(max_length=8, choices=PAYERS, default="", db_default="", blank=True)
    auto_renewal = models.BooleanField(default=False, db_default=False)
    updated_at = models.DateTimeField(db_default=Now())
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = AboutProducerQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            # Nobody else is asked about renewals.
            models.Index(
                fields=["organization", "producer"],
                name="payment_setup_renews",
                condition=models.Q(auto_renewal=True),
            ),
        ]

    def __str__(self) -> str:
        return f"payment setup of {self.producer_id}"
