"""What is known of the registry itself: whether it may be asked just now, whom it watches, what it told."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value

from muster.core.alerts import DayState


class Pause(models.Model):
    """Until when a service is left alone, and why. There is one for all organizations, or none."""

    is_the_one = models.BooleanField(primary_key=True, default=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    failure = models.CharField(max_length=20)
    reason = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.reason


class RegistryPause(Pause):
    """Until when nothing is asked of the registry, and why."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(is_the_one=True), name="registry_pause_once")
        ]


class GatewayPause(Pause):
    """Until when nothing is filed, nor asked about, and why."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(is_the_one=True), name="gateway_pause_once")
        ]


class Watch(models.Model):
    """An NPN on the list of our alerts subscription, or one that the registry did not take, with its words.

    `confirmed_at` is when the registry was first known to have it, None where it refused; `is_told`: the
    addition stands in the event log.
    """

    npn = models.CharField(max_length=10, primary_key=True, db_collation="C")
    added_on = models.DateField()
    confirmed_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    refused = models.CharField(max_length=300, default="", db_default="")
    is_told = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["npn"], name="watch_untold", condition=Q(is_told=False)),
            models.Index(fields=["npn"], name="watch_refused", condition=Q(confirmed_at=None)),
        ]

    def __str__(self) -> str:
        return self.npn


class AlertDay(models.Model):
    """One weekday's alerts. `named` are the NPNs in its report, `strangers` those that nobody here has.

    `tries` are failed ones in a row, `next_at` when the next is due, `reason` says why the last one failed.
    `digest` stands for what the report said when it was last read whole; empty where it never was.
    """

    class State(models.TextChoices):
        WAITING = DayState.WAITING.value, "Not read yet"
        READ = DayState.READ.value, "Read"
        NOTHING = DayState.NOTHING.value, "No alerts"
        BROKEN = DayState.BROKEN.value, "Given up"

    day = models.DateField(primary_key=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.IntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, default="", db_default="")
    named = ArrayField(models.CharField(max_length=10), default=list, db_default=Value("{}"))
    strangers = ArrayField(models.CharField(max_length=10), default=list, db_default=Value("{}"))
    queued = models.IntegerField(default=0, db_default=0)
    digest = models.CharField(max_length=64, default="", db_default="")
    kinds = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    notes = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    first_read_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.day}: {self.get_state_display()}"


class AlertsAccount(models.Model):
    """What is known of our alerts account as a whole. There is one, or none before the first run.

    `started_on` is the first day of which a report is asked for. `reason` and `next_at` tell of the last run,
    where the service as a whole gave nothing; `targets_reason` and `targets_next_at` of the list of targets.
    `newest_producer` is the highest id of those with whom that list was last compared.
    """

    is_the_one = models.BooleanField(primary_key=True, default=True)
    started_on = models.DateField(null=True)
    ran_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, default="", db_default="")
    targets_at = models.DateTimeField(null=True)
    newest_producer = models.BigIntegerField(default=0, db_default=0)
    targets_tries = models.IntegerField(default=0, db_default=0)
    targets_next_at = models.DateTimeField(null=True)
    targets_reason = models.CharField(max_length=300, default="", db_default="")
    refused_since = models.DateTimeField(null=True)
    refused_told_on = models.DateField(null=True)
    retried_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(is_the_one=True), name="alerts_account_once")
        ]

    def __str__(self) -> str:
        return self.reason
