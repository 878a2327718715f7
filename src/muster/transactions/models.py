"""Batches, transactions, what was tried at the registry, and every status that a transaction had."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Now

from muster.access.models import Membership, OrganizationQuerySet
from muster.core.licensing import PAYER_LABELS
from muster.core.transactions import (
    ASKED_ABOUT,
    BATCH_LABELS,
    KIND_LABELS,
    LICENSE_KINDS,
    OPEN,
    STATUS_LABELS,
    WAITING,
    BatchState,
    batch_number_told,
    number_told,
)
from muster.producers.models import AboutProducerQuerySet

PAYERS = list(PAYER_LABELS.items())
KIND_CHOICES = [(kind.value, label) for kind, label in KIND_LABELS.items()]
STATUS_CHOICES = [(status.value, label) for status, label in STATUS_LABELS.items()]
BATCH_CHOICES = [(state.value, label) for state, label in BATCH_LABELS.items()]


class Numbering(models.Model):
    """The last number that each organization's transactions and batches have been given."""

    organization = models.OneToOneField(
        "access.Organization", models.CASCADE, primary_key=True, related_name="+"
    )
    transactions = models.BigIntegerField(default=0, db_default=0)
    batches = models.BigIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.organization_id}"


class BatchQuerySet(OrganizationQuerySet):
    """Batches."""

    def within(self, agency_ids: list[int], member: Membership) -> Self:
        """Those that hold transactions, all of them of producers of these agencies."""
        inside = Q(producer__agency_id__in=agency_ids)
        filed = Transaction.objects.filter(batch=OuterRef("pk"))
        return self.filter(Exists(filed.filter(inside)), ~Exists(filed.exclude(inside)))


class Batch(models.Model):
    """Transactions that are reviewed and submitted together.

    Appointments: one a request, producer, state and company. Ends of appointments: as whoever asked for them
    has chosen; one for several producers, states or companies names none.
    `request` is what was asked for, `facts` what was known of producer and company when it was judged, by the
    rules of `rules_version`: why a verdict was given can be told as long as the batch exists.
    `request_digest` is the same for the same request, `verdict_digest` for the same answer to it.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    number = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=KIND_CHOICES)
    state = models.CharField(max_length=10, choices=BATCH_CHOICES, default=BatchState.DRAFT)
    producer = models.ForeignKey(
        "producers.Producer", models.CASCADE, null=True, related_name="batches", db_index=False
    )
    jurisdiction = models.CharField(max_length=2, default="", db_default="")
    cocode = models.CharField(max_length=5, default="", db_default="")
    company_name = models.TextField(default="", db_default="")
    request = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    request_digest = models.UUIDField(null=True)
    verdict_digest = models.UUIDField(null=True)
    rules_version = models.CharField(max_length=12, default="", db_default="")
    operation_id = models.UUIDField(null=True)
    row_no = models.IntegerField(null=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.TextField(default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "batches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="batch_number_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["producer", "request_digest", "id"], name="batch_by_request"),
            models.Index(fields=["organization", "state", "id"], name="batch_by_state"),
            models.Index(fields=["operation_id"], name="batch_by_operation"),
            models.Index(fields=["organization", "prepared_by", "number"], name="batch_by_preparer"),
        ]

    def __str__(self) -> str:
        return batch_number_told(self.number)


class Transaction(models.Model):
    """One filing for one producer, state, company and line.

    `failures` are the checks that failed when it was judged, each `[code, params]`, the first of them the
    `reason`; empty where it was in good standing. `license_id` is that of the license it rests on, and is no
    foreign key, for the record must outlive it. `filing_key` is made when it is first sent and never changed:
    whatever is sent twice under one key is filed once. `released_at` is when somebody, or a rule, let it go
    to the registry; `next_at` when the worker next has to do with it. Fees are in cents; null is unknown.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="transactions")
    number = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=KIND_CHOICES)
    status = models.CharField(max_length=16, choices=STATUS_CHOICES)
    reason = models.CharField(max_length=24, default="", db_default="")
    failures = models.JSONField(default=list)
    producer = models.ForeignKey(
        "producers.Producer", models.CASCADE, related_name="transactions", db_index=False
    )
    # The state of the union; `state` would be taken for the status.
    jurisdiction = models.CharField(max_length=2)
    cocode = models.CharField(max_length=5)
    company_name = models.TextField(default="", db_default="")
    line_code = models.TextField(default="", db_default="")
    line_name = models.TextField(default="", db_default="")
    categories = ArrayField(models.CharField(max_length=30), default=list)
    class_code = models.TextField(default="", db_default="")
    license_id = models.BigIntegerField(null=True)
    license_number = models.TextField(default="", db_default="")
    county = models.TextField(default="", db_default="")
    appointment_type = models.CharField(max_length=10, default="", db_default="")
    effective_on = models.DateField(null=True)
    just_in_time = models.BooleanField(default=False, db_default=False)
    first_business_on = models.DateField(null=True)
    file_by = models.DateField(null=True)
    state_fee = models.IntegerField(null=True)
    registry_fee = models.IntegerField(null=True)
    state_fee_charged = models.IntegerField(null=True)
    registry_fee_charged = models.IntegerField(null=True)
    retry_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="retries")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    released_at = models.DateTimeField(null=True)
    filing_key = models.UUIDField(null=True)
    attempts = models.IntegerField(default=0, db_default=0)
    claimed_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    registry_id = models.TextField(default="", db_default="")
    registry_code = models.TextField(default="", db_default="")
    registry_words = models.TextField(default="", db_default="")
    # Why an appointment is to end, as the registry names it, and what whoever asked for that has to say.
    termination_reason = models.TextField(default="", db_default="")
    for_cause = models.BooleanField(default=False, db_default=False)
    request_note = models.TextField(default="", db_default="")
    # Of licenses: their lines, each `[code, name]`; who pays; and the expiry that a renewal is to move.
    lines = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    paid_by = models.CharField(max_length=8, choices=PAYERS, default="", db_default="")
    renews_from = models.DateField(null=True)
    # Why the last move was made, where a person or a fault has said it.
    note = models.TextField(default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now())

    objects = AboutProducerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="transaction_number_once"),
            models.UniqueConstraint(fields=["filing_key"], name="transaction_key_once"),
            models.UniqueConstraint(
                fields=[
                    *("producer", "kind", "jurisdiction", "cocode", "line_code", "line_name", "county"),
                    *("license_number", "class_code"),
                ],
                name="transaction_open_once",
                condition=Q(status__in=[status.value for status in OPEN]),
            ),
            # Whatever the lines: one application for a class in a state, and one renewal of a license.
            models.UniqueConstraint(
                fields=["producer", "kind", "jurisdiction", "license_number", "class_code"],
                name="license_transaction_open_once",
                condition=Q(
                    kind__in=[kind.value for kind in LICENSE_KINDS],
                    status__in=[status.value for status in OPEN],
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "status", "id"], name="transaction_by_status"),
            models.Index(fields=["organization", "jurisdiction", "id"], name="transaction_by_state"),
            models.Index(fields=["organization", "id"], name="transaction_by_age"),
            models.Index(fields=["producer", "id"], name="transaction_by_producer"),
            models.Index(fields=["organization", "cocode", "id"], name="transaction_by_company"),
            models.Index(fields=["organization", "prepared_by", "id"], name="transaction_by_preparer"),
            models.Index(
                fields=["organization", "reason", "id"],
                name="transaction_by_reason",
                condition=~Q(reason=""),
            ),
            # Nearly all are appointments: those are found soon along any of the others.
            models.Index(
                fields=["organization", "kind", "id"],
                name="transaction_by_rare_kind",
                condition=Q(kind__in=["termination", "license", "renewal"]),
            ),
            models.Index(
                fields=["organization", "file_by", "id"],
                name="transaction_due",
                condition=Q(status="held", file_by__isnull=False),
            ),
            # Whether a license has been renewed from this expiry, however that ended.
            models.Index(
                fields=["license_id", "renews_from"],
                name="transaction_by_renewal",
                condition=Q(kind="renewal"),
            ),
            # What the worker looks for: what is to be sent, what to be asked about, and what was cut off.
            models.Index(
                fields=["organization", "next_at", "id"],
                name="transaction_to_send",
                condition=Q(status__in=[status.value for status in WAITING], next_at__isnull=False),
            ),
            models.Index(
                fields=["next_at", "id"],
                name="transaction_to_ask",
                condition=Q(status__in=[status.value for status in ASKED_ABOUT], next_at__isnull=False),
            ),
            models.Index(fields=["id"], name="transaction_cut_off", condition=Q(status="submitting")),
        ]

    def __str__(self) -> str:
        return number_told(self.number)


class Attempt(models.Model):
    """One call to the registry about a transaction: it was sent, or asked for by its key.

    The row exists before the call is made. One without an end was cut off: nobody knows whether it arrived.
    """

    class Verb(models.TextChoices):
        SEND = "send", "Sent"
        ASK = "ask", "Asked for"

    id = models.BigAutoField(primary_key=True)
    transaction = models.ForeignKey(Transaction, models.CASCADE, related_name="calls")
    verb = models.CharField(max_length=4, choices=Verb)
    key = models.UUIDField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # What it came to: a status of the registry, or the name of a failure.
    outcome = models.CharField(max_length=24, default="", db_default="")
    words = models.TextField(default="", db_default="")

    def __str__(self) -> str:
        return f"{self.verb} {self.transaction_id}"


class StatusChange(models.Model):
    """That a transaction went from one status to another. Written by a trigger, whichever way it went."""

    id = models.BigAutoField(primary_key=True)
    transaction = models.ForeignKey(
        Transaction, models.CASCADE, related_name="status_changes", db_constraint=False
    )
    old = models.CharField(max_length=16)
    new = models.CharField(max_length=16)
    at = models.DateTimeField(db_default=Now())
    note = models.TextField(default="", db_default="")
    source = models.CharField(max_length=10, default="unknown")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    operation_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"{self.old} -> {self.new}"


class AnswerQuerySet(OrganizationQuerySet):
    """Answers about authority."""

    def within(self, agency_ids: list[int], member: Membership) -> Self:
        """Those that the member asked for."""
        return self.filter(asked_by_id=member.user_id)


class AuthorityAnswer(models.Model):
    """An answer to the question whether a producer may sell a line today, kept so that it can be proven.

    `may_sell` is null where nobody could tell. `answer` is what was told, word by word; `facts` is what was
    known then. Never changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    # As it was asked for: there may be no such producer.
    npn = models.CharField(max_length=10)
    may_sell = models.BooleanField(null=True)
    reason = models.CharField(max_length=24)
    rules_version = models.CharField(max_length=12)
    answer = models.JSONField()
    facts = models.JSONField()

    objects = AnswerQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organization", "npn", "at"], name="answer_by_producer")]

    def __str__(self) -> str:
        return f"{self.reason} {self.npn}"
