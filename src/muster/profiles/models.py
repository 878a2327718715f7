"""What producers say of themselves, kept apart from what the registry says; changes are history."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from muster.core.documents import LONGEST_NAME
from muster.producers.models import AboutProducerQuerySet


class OwnContact(models.Model):
    """How a producer wants to be reached. `state` is that of the mailing address."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.OneToOneField("producers.Producer", models.CASCADE, related_name="own_contact")
    email = models.CharField(max_length=254, default="", blank=True)
    phone = models.CharField(max_length=30, default="", blank=True)
    mobile = models.CharField(max_length=30, default="", blank=True)
    line_1 = models.CharField(max_length=100, default="", blank=True)
    line_2 = models.CharField(max_length=100, default="", blank=True)
    city = models.CharField(max_length=60, default="", blank=True)
    state = models.CharField(max_length=2, default="", blank=True)
    zip = models.CharField(max_length=10, default="", blank=True)

    objects = AboutProducerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"own contact details of {self.producer_id}"


class Employment(models.Model):
    """One entry of an employment history, in whole months: the first days of its first and last month."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey("producers.Producer", models.CASCADE, related_name="employments")
    employer = models.CharField(max_length=100)
    title = models.CharField(max_length=100)
    city = models.CharField(max_length=60, default="", blank=True)
    state = models.CharField(max_length=2, default="", blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    objects = AboutProducerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="employment_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return self.employer


class Document(models.Model):
    """A file that a producer added. Its bytes stand in a table of their own, so that lists read none.

    `sha256` is of the bytes as they were added, in hex.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey("producers.Producer", models.CASCADE, related_name="documents")
    name = models.CharField(max_length=LONGEST_NAME)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = AboutProducerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class DocumentContent(models.Model):
    """The bytes of a document, sealed."""

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="content")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"content of {self.document_id}"


class BackgroundAnswer(models.Model):
    """The answer to a background question (`muster.core.profile.QUESTIONS`); a yes is explained."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey(
        "producers.Producer", models.CASCADE, related_name="background_answers", db_index=False
    )
    question = models.CharField(max_length=30)
    is_yes = models.BooleanField()
    explanation = models.TextField(default="", blank=True)
    document = models.ForeignKey(Document, models.SET_NULL, null=True, blank=True, related_name="answers")

    objects = AboutProducerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["producer", "question"], name="background_answer_once"),
            models.CheckConstraint(
                condition=Q(is_yes=False) | ~Q(explanation=""), name="background_yes_is_explained"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question}: {'yes' if self.is_yes else 'no'}"
