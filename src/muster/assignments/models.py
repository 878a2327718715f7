"""Producer assignments: categories x states (x companies) that a producer is meant to sell."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from muster.producers.models import OfProducerQuerySet


class Assignment(models.Model):
    """What a producer is meant to sell. `identity` is the same for the same assignment, so it exists once."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    producer = models.ForeignKey(
        "producers.Producer", models.CASCADE, related_name="assignments", db_index=False
    )
    identity = models.UUIDField()
    categories = ArrayField(models.CharField(max_length=30))
    states = ArrayField(models.CharField(max_length=2))
    cocodes = ArrayField(models.CharField(max_length=5), default=list)
    scorecard_type = models.CharField(max_length=30)
    agent_type = models.CharField(max_length=30)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    operation_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OfProducerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["producer", "identity"], name="assignment_once")
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.categories)} in {', '.join(self.states)}"
