"""Endpoints, what they are told of, and each delivery; and how far the pump has read."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from muster.access.models import OrganizationQuerySet


class Endpoint(models.Model):
    """An address of an organization's own that is called when something happens.

    `secret` is sealed; `old_secret`, sealed too, signs along until `old_secret_until`. `failures` counts
    those in a row, `failing_since` is when the first of them was. While `paused_until` lies ahead nothing is
    sent.
    """

    class Off(models.TextChoices):
        """Why nothing is sent."""

        BY_HAND = "by-hand", "Switched off"
        GONE = "gone", "It answered that it is gone"
        FAILING = "failing", "It failed for three days"

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, default="", blank=True)
    types = ArrayField(models.CharField(max_length=40), default=list)
    secret = models.TextField()
    old_secret = models.TextField(default="", blank=True)
    old_secret_until = models.DateTimeField(null=True)
    off = models.CharField(max_length=10, choices=Off, default="", blank=True)
    failures = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OrganizationQuerySet.as_manager()

    def __str__(self) -> str:
        return self.description or self.url

    @property
    def is_on(self) -> bool:
        """Whether it is told of what happens from now on."""
        return not self.off


class WebhookEvent(models.Model):
    """Something that happened, as it is told; its id is the `webhook-id`.

    `key` is what it was made from: the same thing is one event, however often it is looked at.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    type = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    occurred_at = models.DateTimeField()
    payload = models.JSONField()
    made_at = models.DateTimeField(db_default=Now())

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "type", "key"], name="webhook_event_once")
        ]
        indexes: ClassVar = [models.Index(fields=["made_at"], name="webhook_event_by_age")]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class DeliveryState(models.TextChoices):
    """Where a delivery is."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


class Delivery(models.Model):
    """One event on its way to one endpoint, and afterwards a record of it.

    `response` is the beginning of what the endpoint answered, `took` how long that was, in milliseconds.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(WebhookEvent, models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.IntegerField(default=0, db_default=0)
    queued_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    status = models.IntegerField(null=True)
    response = models.TextField(default="", db_default="")
    error = models.CharField(max_length=300, default="", db_default="")
    took = models.IntegerField(null=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "endpoint"], name="webhook_delivery_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_by_age"),
            models.Index(fields=["endpoint", "state", "-id"], name="webhook_delivery_by_state"),
            models.Index(
                fields=["endpoint", "next_at", "id"],
                name="webhook_delivery_due",
                condition=Q(state="waiting"),
            ),
            models.Index(
                fields=["endpoint", "claimed_at"],
                name="webhook_delivery_sending",
                condition=Q(state="sending"),
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"

    @property
    def is_tried_again(self) -> bool:
        """Whether it failed, and waits for its next attempt."""
        return self.state == DeliveryState.WAITING and self.attempts > 0

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is tried."""
        return self.state in ENDED

    @property
    def moves(self) -> bool:
        """Whether its first answer is to be expected any moment."""
        return not self.has_ended and not self.is_tried_again


ENDED = (DeliveryState.DELIVERED, DeliveryState.FAILED)
TRIED_AGAIN = Q(state=DeliveryState.WAITING, attempts__gt=0)
"""Of deliveries: those that failed, and wait for their next attempt."""


class Cursor(models.Model):
    """How far one table has been read: `done` is the last id of it that was turned into events.

    `upto` is where to go next, once the transactions that may still write below it (`awaited`) have ended.
    """

    table = models.CharField(max_length=40, primary_key=True)
    done = models.BigIntegerField(default=0)
    upto = models.BigIntegerField(null=True)
    awaited = ArrayField(models.TextField(), default=list)

    def __str__(self) -> str:
        return f"{self.table}: {self.done}"
