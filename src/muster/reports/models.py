"""What people keep of lists and reports: views and saved reports."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

from muster.access.models import OrganizationQuerySet
from muster.core.schedules import Every

LONGEST_NAME = 80
LONGEST_QUERY = 8_000


class SavedView(models.Model):
    """A list as somebody wants to see it again: the query of its address, under a name.

    `page` is the list; one that `is_shared` is offered to everybody of the organization.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.TextField()
    is_shared = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organization", "page", "owner", Lower("name"), name="saved_view_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """With which of the views a list opens for somebody."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    page = models.CharField(max_length=40)
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="+")

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "user", "page"], name="default_view_once")
        ]

    def __str__(self) -> str:
        return f"{self.page} {self.view_id}"


class SavedReport(models.Model):
    """A report under a name: what it is about, and the query that asks it.

    One that `is_shared` can be run by everybody of the organization, changed by its owner alone.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    subject = models.CharField(max_length=40)
    name = models.CharField(max_length=LONGEST_NAME)
    folder = models.CharField(max_length=LONGEST_NAME, default="", db_default="", blank=True)
    query = models.TextField()
    is_shared = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now())

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("organization", "owner", Lower("name"), name="saved_report_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class ReportSchedule(models.Model):
    """That a saved report is told of by mail: how often, and to which members.

    `on` is the day of the week (0 is Monday) or of the month. What was due before `since` is not told of.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    report = models.OneToOneField(SavedReport, models.CASCADE, related_name="schedule")
    every = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Every])
    on = models.SmallIntegerField(default=0)
    recipients = ArrayField(models.BigIntegerField())
    since = models.DateTimeField()

    objects = OrganizationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.report}, every {self.every}"


class ReportMail(models.Model):
    """That somebody was told of a report for a day: once, whoever asks and however often."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    report = models.ForeignKey(SavedReport, models.CASCADE, related_name="+", db_index=False)
    recipient = models.ForeignKey("access.Membership", models.CASCADE, related_name="+")
    day = models.DateField()

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "recipient", "day"], name="report_mail_once")
        ]

    def __str__(self) -> str:
        return f"{self.report_id} of {self.day} to {self.recipient_id}"
