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
    KEPT = "kept", "Shown here only"
    FAILED = "failed", "Could not be delivered"


UNDER_WAY = (EmailState.WAITING, EmailState.SENDING)


class Email(models.Model):
    """One mail to one person.

    A secret mail holds a link that opens an account: its text and HTML are sealed while it is under way,
    wiped when it has ended, and shown to nobody.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=60)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(default="", blank=True)
    secret = models.BooleanField(default=False)
    message_id = models.CharField(max_length=300, unique=True)
    operation_id = models.UUIDField(null=True)
    occasion = models.CharField(max_length=40, default="", blank=True)
    state = models.CharField(max_length=10, choices=EmailState, default=EmailState.WAITING)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, default="", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    queued_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operation_id", "kind", "occasion", "to"],
                name="email_once_an_operation",
                condition=Q(operation_id__isnull=False),
            ),
            models.CheckConstraint(
                name="email_secret_is_wiped",
                condition=Q(secret=False) | Q(state__in=UNDER_WAY) | Q(text="", html=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-id"], name="email_by_organization"),
            models.Index(fields=["organization", "state", "-id"], name="email_by_state"),
            models.Index(fields=["next_at"], name="email_under_way", condition=Q(state__in=UNDER_WAY)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
