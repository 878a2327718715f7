"""The event log: what people and jobs did, in the order in which they did it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """One thing that was done. Rows are added and never changed; a trigger sees to it."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=60)
    operation_id = models.UUIDField(null=True)
    subject = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organization", "-id"], name="event_by_organization"),
            models.Index(fields=["subject", "-id"], name="event_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()
