"""The outbox: every mail is a row until an SMTP server has taken it, and afterwards a record of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from muster.access.models import OrganizationQuerySet


class EmailState(models.TextChoices):
    """Where a mail is."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Could not be delivered"


class Email(models.Model):
    """One mail to one person."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    to = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(default="", blank=True)
    message_id = models.CharField(max_length=120, unique=True)
    operation_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=EmailState, default=EmailState.WAITING)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, default="", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "operation_id", "to"],
                name="email_once_an_operation",
                condition=Q(operation_id__isnull=False),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-id"], name="email_by_organization"),
            models.Index(fields=["next_at"], name="email_waits", condition=Q(state__in=["waiting", "sending"])),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
