"""Portals with their seats, and the producers who hold one."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from muster.access.models import OrganizationQuerySet
from muster.producers.models import OfProducerQuerySet


class Portal(models.Model):
    """A portal of an organization, with so many seats; one that is closed lets nobody in."""

    class Kind(models.TextChoices):
        AGENTS = "agents", "Our own producers"
        EXTERNAL = "external", "External producers"

    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="portals")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.AGENTS)
    seats = models.PositiveIntegerField()
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                F("organization"), Lower("name"), name="portal_name_once", condition=Q(closed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PortalUser(models.Model):
    """A producer's seat in a portal, from the invitation until it is closed; another begins a new record.

    Of the link in the newest invitation only the `digest` is kept (SHA-256, in hex): it opens the
    registration once, until `expires_at`, and an earlier link opens nothing any more. `email` is the address
    that was invited, `user` who registered with it. Whoever was invited takes a seat until it is closed.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    portal = models.ForeignKey(Portal, models.CASCADE, related_name="users", db_index=False)
    producer = models.ForeignKey("producers.Producer", models.CASCADE, related_name="portal_users")
    email = models.EmailField(max_length=254)
    digest = models.CharField(max_length=64, null=True, unique=True)
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    expires_at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="portal_users")
    registered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = OfProducerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portal", "producer"], name="portal_seat_once", condition=Q(closed_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["portal", "user"],
                name="portal_user_once",
                condition=Q(closed_at__isnull=True, user__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True, registered_at__isnull=True)
                | Q(user__isnull=False, registered_at__isnull=False, digest__isnull=True),
                name="portal_user_registered",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-id"], name="portal_user_by_age"),
            # Whether somebody else was invited at an address, is asked with each invitation.
            models.Index(
                F("portal"), Lower("email"), name="portal_user_by_email", condition=Q(closed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} in {self.portal}"

    def is_open(self, *, now: datetime) -> bool:
        """Whether the link of the newest invitation still opens the registration."""
        return self.closed_at is None and self.registered_at is None and now < self.expires_at
