"""Agencies, producers, and what the registry says about a producer as a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Collate, Length, Lower, Now

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission
from muster.core.onboarding import GENDERS

GENDER_CHOICES = list(GENDERS.items())

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for "never synced" in the order by freshness, which so has no nulls and needs one index only."""


class AgencyQuerySet(OrganizationQuerySet):
    """Agencies."""

    AGENCY = "pk"


class Agency(models.Model):
    """A firm inside an organization, to which producers belong. It may be without an NPN."""

    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="agencies")
    npn = models.CharField(max_length=10, null=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "npn"], name="agency_npn_once", condition=Q(npn__isnull=False)
            ),
            models.CheckConstraint(condition=Q(npn__regex=r"^[1-9][0-9]{0,9}$"), name="agency_npn_is_digits"),
        ]
        indexes: ClassVar = [models.Index(F("organization"), Lower("name"), name="agency_by_name")]

    def __str__(self) -> str:
        return self.name


HERE = Q(removed_at__isnull=True)
"""Of producers: those who were not removed."""


class SyncStatus(models.TextChoices):
    """Where a producer's sync with the registry is (docs/explanation/registry-sync.md)."""

    NOT_STARTED = "not_started", "Not Started"
    QUEUED = "queued", "Queued"
    PROCESSING = "processing", "Processing"
    SUCCESS = "success", "Success"
    SUCCESS_NO_LICENSES = "success_no_licenses", "Success - No Licenses"
    NOT_FOUND = "not_found", "Not Found"
    TIMEOUT = "timeout", "NIPR Timeout"
    ERROR = "error", "NIPR Error"
    RETRY_ERROR = "retry_error", "Retry Error"


MOVING = (SyncStatus.QUEUED, SyncStatus.PROCESSING)
"""In these, a producer's turn comes next, or has come."""

TRIED_AGAIN = (SyncStatus.TIMEOUT, SyncStatus.ERROR)
"""In these, a producer met a fault of the moment and is tried again, by itself, at `sync_next_at`."""

WAITING_FOR_SYNC = (*MOVING, *TRIED_AGAIN)
"""In these, a producer gets a report, or a final answer, without anybody's doing."""

SYNCED = (SyncStatus.SUCCESS, SyncStatus.SUCCESS_NO_LICENSES)
"""In these, a producer got a report."""


class ProducerQuerySet(OrganizationQuerySet):
    """Producers: who was removed is visible to nobody, but as history."""

    AGENCY = "agency_id"

    def visible_to(self, member: Membership, permission: Permission) -> Self:
        """The producers of the member's organization, or none; without those who were removed."""
        return self.ever_visible_to(member, permission).filter(removed_at=None)

    def ever_visible_to(self, member: Membership, permission: Permission) -> Self:
        """The same, with those who were removed: what there was of them stays readable."""
        return super().visible_to(member, permission)


class AboutProducerQuerySet(OrganizationQuerySet):
    """Rows about a `producer` that stay when the producer is removed."""

    AGENCY = "producer__agency_id"


class OfProducerQuerySet(AboutProducerQuerySet):
    """Rows that belong to a `producer`, and leave all lists together with the producer."""

    def visible_to(self, member: Membership, permission: Permission) -> Self:
        """The rows of the member's organization, or none; without those of producers who were removed."""
        # Few are removed: an index has just those, and each row is held against them.
        removed = Producer.objects.filter(pk=OuterRef("producer_id"), removed_at__isnull=False)
        return super().visible_to(member, permission).filter(~Exists(removed))


class Producer(models.Model):
    """A person or firm who sells insurance: one record an organization and NPN.

    `first_name` and `last_name` are the registry's once it has answered; what the file said is kept beside
    them. The SSN is sealed; its last four digits and a keyed index of it stand apart. `other_names` are
    objects with state, kind and name; `sync_notes` tell what the last sync could not take over.
    `license_states` are those of the licenses that the registry lists: the sync keeps them with the licenses.
    `sync_again`: was queued while it was being synced, and that answer may be from before.
    Who turns `is_watched` on queues a sync, too: while it was off, no alert had the producer synced.
    `sort_name` and `search_words` are made by the database from the names, without accents and in lower case.
    `removed_at` is when the producer was removed; one record stays, and is taken up when the NPN comes back.
    """

    class Kind(models.TextChoices):
        INDIVIDUAL = "individual", "Individual"
        FIRM = "firm", "Firm"

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        "access.Organization", models.CASCADE, related_name="producers", db_index=False
    )
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="producers", null=True, db_index=False)
    npn = models.CharField(max_length=10, db_collation="C")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.INDIVIDUAL, db_default="individual")
    first_name = models.CharField(max_length=100, default="", db_default="")
    middle_name = models.CharField(max_length=100, default="", db_default="")
    last_name = models.CharField(max_length=200, default="", db_default="")
    name_suffix = models.CharField(max_length=20, default="", db_default="")
    file_first_name = models.CharField(max_length=100, default="", db_default="")
    file_last_name = models.CharField(max_length=200, default="", db_default="")
    name_differs = models.BooleanField(default=False, db_default=False)
    email = models.CharField(max_length=254, default="", db_default="")
    other_names = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    born_on = models.DateField(null=True)
    gender = models.CharField(max_length=12, choices=GENDER_CHOICES, default="", db_default="", blank=True)

    ssn_sealed = models.TextField(null=True)
    ssn_last4 = models.CharField(max_length=4, null=True)
    ssn_index = models.CharField(max_length=64, null=True)

    is_watched = models.BooleanField(default=True, db_default=True)
    sync_status = models.CharField(
        max_length=20, choices=SyncStatus, default=SyncStatus.NOT_STARTED, db_default="not_started"
    )
    sync_reason = models.CharField(max_length=300, default="", db_default="")
    sync_notes = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    sync_attempts = models.IntegerField(default=0, db_default=0)
    sync_next_at = models.DateTimeField(null=True)
    sync_claimed_at = models.DateTimeField(null=True)
    sync_again = models.BooleanField(default=False, db_default=False)
    synced_at = models.DateTimeField(null=True)
    license_states = ArrayField(
        models.CharField(max_length=2), default=list, db_default=Value([], ArrayField(models.CharField()))
    )

    sort_name = models.GeneratedField(
        expression=Func("last_name", "first_name", "middle_name", function="muster_sort_name"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
    search_words = models.GeneratedField(
        expression=Func(
            *("first_name", "middle_name", "last_name", "file_first_name", "file_last_name"),
            function="muster_search_words",
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    removed_at = models.DateTimeField(null=True)

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now())

    objects = ProducerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "npn"], name="producer_npn_once"),
            models.CheckConstraint(
                condition=Q(npn__regex=r"^[1-9][0-9]{0,9}$"), name="producer_npn_is_digits"
            ),
        ]
        indexes: ClassVar = [
            # Four orders of the list; docs/explanation/lists.md says what each index is for.
            models.Index(fields=["organization", "sort_name", "id"], name="producer_by_name", condition=HERE),
            models.Index(
                F("organization"), Length("npn"), F("npn"), name="producer_by_number", condition=HERE
            ),
            models.Index(
                F("organization"),
                Coalesce("synced_at", Value(NEVER)),
                F("id"),
                name="producer_by_freshness",
                condition=HERE,
            ),
            models.Index(fields=["organization", "id"], name="producer_by_age", condition=HERE),
            GinIndex(fields=["search_words", "license_states"], name="producer_by_words"),
            models.Index(fields=["organization", "agency"], name="producer_by_agency", condition=HERE),
            # Whose an address is, is asked whenever somebody is onboarded.
            models.Index(F("organization"), Lower("email"), name="producer_by_email", condition=HERE),
            # By bytes, so that those that begin with something stand together.
            models.Index(
                F("organization"), Collate(Lower("email"), "C"), name="producer_email_begins", condition=HERE
            ),
            models.Index(
                fields=["organization"], name="producer_name_differs", condition=Q(name_differs=True)
            ),
            models.Index(
                fields=["organization", "id"], name="producer_removed", condition=Q(removed_at__isnull=False)
            ),
            models.Index(
                fields=["organization", "sync_next_at"],
                name="producer_waits_for_sync",
                condition=Q(sync_status__in=["queued", "timeout", "error"]),
            ),
            models.Index(
                fields=["sync_claimed_at"], name="producer_in_sync", condition=Q(sync_status="processing")
            ),
            models.Index(
                fields=["organization", "sync_status", "id"],
                name="producer_by_sync_status",
                condition=HERE,
            ),
            models.Index(
                fields=["organization", "ssn_index"],
                name="producer_by_ssn",
                condition=Q(ssn_index__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.last_name}, {self.first_name}".strip(", ") or self.npn


class Tenure(models.Model):
    """A time that a producer spent with the organization: from being added to being removed.

    Who was never removed needs none: that time began with the record. Removing ends it, and adding the NPN
    again begins another. The operation is the one that removed, or else the one that added.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey(Producer, models.CASCADE, related_name="tenures")
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    operation_id = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["producer"], name="tenure_open_once", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
                name="tenure_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d} - {self.ended_at:%Y-%m-%d}" if self.ended_at else "open"


class Leaving(models.Model):
    """That a producer is to be removed once the terminations of the appointments are accepted.

    It goes when the producer is removed, or when somebody calls the removal off.
    """

    producer = models.OneToOneField(Producer, models.CASCADE, primary_key=True, related_name="leaving")
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    operation_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"{self.producer_id} since {self.asked_at:%Y-%m-%d}"


class Viewed(models.Model):
    """That a person has opened a producer's page, and when last: of each person the newest few are kept."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey(Producer, models.CASCADE, related_name="+")
    viewed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "producer"], name="viewed_once")]
        indexes: ClassVar = [
            models.Index(fields=["organization", "user", "-viewed_at"], name="viewed_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.producer_id} by {self.user_id}"


class RegistryAddress(models.Model):
    """An address that a state reports for a producer."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey(Producer, models.CASCADE, related_name="addresses", db_index=False)
    state = models.CharField(max_length=2)
    type_code = models.TextField(default="")
    type_name = models.TextField(default="")
    line_1 = models.TextField(default="")
    line_2 = models.TextField(default="")
    line_3 = models.TextField(default="")
    city = models.TextField(default="")
    address_state = models.TextField(default="")
    zip = models.TextField(default="")
    country = models.TextField(default="")
    updated_on = models.DateField(null=True)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["producer", "state", "type_code", "type_name"], name="registry_address_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line_1}, {self.city}, {self.address_state} {self.zip}"


class RegistryContact(models.Model):
    """A phone, fax number or email address that a state reports for a producer."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey(Producer, models.CASCADE, related_name="contacts", db_index=False)
    state = models.CharField(max_length=2)
    kind = models.TextField()
    value = models.TextField()
    updated_on = models.DateField(null=True)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["producer", "state", "kind"], name="registry_contact_once")
        ]

    def __str__(self) -> str:
        return self.value


class RegulatoryAction(models.Model):
    """A regulatory action that a state reports against a producer."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey(Producer, models.CASCADE, related_name="regulatory_actions", db_index=False)
    state = models.CharField(max_length=2)
    action_id = models.TextField()
    origin = models.TextField(default="")
    reason = models.TextField(default="")
    disposition = models.TextField(default="")
    penalty = models.TextField(default="")
    order_length = models.TextField(default="")
    file_reference = models.TextField(default="")
    action_on = models.DateField(null=True)
    effective_on = models.DateField(null=True)
    entered_on = models.DateField(null=True)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["producer", "state", "action_id"], name="regulatory_action_once")
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.action_id}"
