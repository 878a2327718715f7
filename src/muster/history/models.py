"""Changes of records, written by triggers of the database, whichever way a record was written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from muster.access.models import Membership, OrganizationQuerySet

# PostgreSQL has an infinity, and years that Python cannot read.
FIRST_TIME = datetime(2, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


class Source(models.TextChoices):
    """Where a change came from."""

    REGISTRY = "registry", "Registry"
    FILE = "file", "File"
    PERSON = "person", "Person"
    API = "api", "API"
    MUSTER = "muster", "Muster"
    UNKNOWN = "unknown", "Unknown"


class ChangeQuerySet(OrganizationQuerySet):
    """Changes."""

    def within(self, agency_ids: list[int], member: Membership) -> Self:
        """Those of producers who are of these agencies now."""
        producers = apps.get_model("producers", "Producer").objects.filter(agency_id__in=agency_ids)
        return self.filter(producer_id__in=producers.values("pk"))


class Change(models.Model):
    """One change of one record. Rows are added by triggers and never changed.

    `old` and `new` hold the fields that differ, and nothing else; `about` holds what names the record, as it
    was then. What a first report brought is a producer's beginning, not a change. Ids stand without foreign
    keys: a change outlives its record. `producer_id` is 0 where a line was deleted after its license.
    """

    class Kind(models.TextChoices):
        PRODUCER = "producer", "Producer"
        ADDRESS = "address", "Address"
        CONTACT = "contact", "Contact"
        LICENSE = "license", "License"
        LINE = "line", "Line of authority"
        APPOINTMENT = "appointment", "Appointment"
        ASSIGNMENT = "assignment", "Assignment"
        ACTION = "action", "Regulatory action"
        OWN_CONTACT = "own_contact", "Own contact details"
        EMPLOYMENT = "employment", "Employment"
        BACKGROUND = "background", "Background answer"

    class Verb(models.TextChoices):
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        GONE = "gone", "No longer listed"
        BACK = "back", "Listed again"
        REMOVED = "removed", "Removed"

    id = models.BigAutoField(primary_key=True)
    # Without a constraint, which would cost each change a check: the records have theirs.
    organization = models.ForeignKey(
        "access.Organization", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    producer_id = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    verb = models.CharField(max_length=8, choices=Verb)
    state = models.CharField(max_length=2, default="", db_default="")
    record_id = models.BigIntegerField()
    about = models.JSONField(default=dict)
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())
    source = models.CharField(max_length=10, choices=Source, default=Source.UNKNOWN)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    operation_id = models.UUIDField(null=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organization", "at", "id"], name="change_by_time"),
            models.Index(fields=["organization", "kind", "at", "id"], name="change_by_kind"),
            models.Index(fields=["organization", "state", "at", "id"], name="change_by_state"),
            models.Index(fields=["producer_id", "at", "id"], name="change_by_producer"),
            # Most are plain changes: those are found soon along any of the others.
            models.Index(
                fields=["organization", "verb", "at", "id"],
                name="change_by_verb",
                condition=models.Q(verb__in=["added", "gone", "back", "removed"]),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(source__in=Source.values), name="change_source_known"),
            models.CheckConstraint(
                condition=models.Q(at__gte=FIRST_TIME, at__lt=END_OF_TIME), name="change_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_verb_display()}"
