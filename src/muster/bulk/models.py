"""Operations, items and findings: what every bulk action is made of."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from muster.access.models import Membership, OrganizationQuerySet


class OperationState(models.TextChoices):
    """Where an operation is. Moves: see `muster.bulk.states`."""

    CHECKING = "checking", "Checking"
    BLOCKED = "blocked", "Cannot be read"
    READY = "ready", "Ready to process"
    RUNNING = "running", "Processing"
    DONE = "done", "Done"
    DONE_WITH_FAILURES = "done_with_failures", "Done, some rows rejected"
    CANCELED = "canceled", "Canceled"
    STALLED = "stalled", "Stopped by a fault"


class Policy(models.TextChoices):
    """What happens to the good rows when some are bad."""

    GOOD_ROWS = "good-rows", "Good rows only"
    ALL_OR_NOTHING = "all-or-nothing", "All or nothing"


class ItemState(models.TextChoices):
    """Where an item is: judged first, then written."""

    PENDING = "pending", "Not yet checked"
    OK = "ok", "Ready"
    WARNED = "warned", "Ready, with a warning"
    REJECTED = "rejected", "Rejected"
    SKIPPED = "skipped", "Skipped"
    APPLIED = "applied", "Done"
    FAILED_RETRYABLE = "failed_retryable", "Failed, can be tried again"
    FAILED_FINAL = "failed_final", "Failed"
    OUTCOME_UNKNOWN = "outcome_unknown", "Outcome unknown"


class Outcome(models.TextChoices):
    """What became of an item."""

    CREATED = "created", "Created"
    UPDATED = "updated", "Updated"
    UNCHANGED = "unchanged", "Unchanged"
    DUPLICATE = "duplicate", "Duplicate"
    REJECTED = "rejected", "Rejected"


class OperationQuerySet(OrganizationQuerySet):
    """Operations."""

    def within(self, agency_ids: list[int], member: Membership) -> Self:
        """Those of the member: what others did may be about anybody."""
        return self.filter(by_id=member.user_id)


class Operation(models.Model):
    """One bulk action, from upload or selection to results. Its id comes with the page that starts it."""

    id = models.UUIDField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="operations")
    kind = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=OperationState)
    policy = models.CharField(max_length=20, choices=Policy, default=Policy.GOOD_ROWS)
    params = models.JSONField(default=dict)

    source_name = models.CharField(max_length=255, blank=True)
    source_facts = models.JSONField(default=dict)
    header = models.JSONField(default=list)

    rows = models.IntegerField(default=0)
    blank = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    total = models.IntegerField(null=True)
    outcomes = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    checked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    revivals = models.IntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    check_once_more = models.BooleanField(default=False)
    rows_purged = models.BooleanField(default=False)

    objects = OperationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organization", "-created_at"], name="operation_by_organization"),
            models.Index(
                fields=["beat_at"],
                name="operation_under_way",
                condition=models.Q(state__in=["checking", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class UploadPart(models.Model):
    """A sealed piece of an uploaded file, kept until its rows stand in the item table."""

    pk = models.CompositePrimaryKey("operation_id", "number")
    operation = models.ForeignKey(Operation, models.CASCADE, related_name="parts", db_index=False)
    number = models.IntegerField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"part {self.number}"


class Item(models.Model):
    """One row of an upload, or one thing of a selection.

    `cells` is the user's row as it stood in the file, sensitive cells sealed; `data` its cleaned values;
    `key` names what the row is about, so that rows about the same thing can be found.
    Only the runner writes items, while it holds the operation: the foreign key needs no check a row.
    """

    pk = models.CompositePrimaryKey("operation_id", "row_no")
    operation = models.ForeignKey(
        Operation, models.CASCADE, related_name="items", db_index=False, db_constraint=False
    )
    row_no = models.IntegerField()
    key = models.TextField(null=True)
    state = models.CharField(max_length=20, choices=ItemState, default=ItemState.PENDING)
    outcome = models.CharField(max_length=20, choices=Outcome, null=True)
    target_id = models.BigIntegerField(null=True)
    cells = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    result = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["target_id"], name="item_by_target", condition=models.Q(target_id__isnull=False)
            ),
            models.Index(
                fields=["operation", "outcome", "row_no"],
                name="item_by_rare_outcome",
                condition=models.Q(outcome__in=["rejected", "duplicate"]),
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.row_no}"


class Finding(models.Model):
    """Something that was found about a file, a column, a value or a row. Words are joined in at display."""

    id = models.BigAutoField(primary_key=True)
    operation = models.ForeignKey(
        Operation, models.CASCADE, related_name="findings", db_index=False, db_constraint=False
    )
    row_no = models.IntegerField(null=True)
    code = models.CharField(max_length=20)
    severity = models.CharField(max_length=10)
    field = models.TextField(null=True)
    value = models.TextField(null=True)
    params = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["operation", "row_no"], name="finding_by_row")]

    def __str__(self) -> str:
        return self.code
