"""The standing verdict on each assignment: how much of it is met, and what is missing."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from muster.access.models import OrganizationQuerySet
from muster.producers.models import OfProducerQuerySet


class Scorecard(models.Model):
    """The verdict on one assignment, kept with its facts: judged anew after each sync and as days pass.

    `judged_at` is when it became what it is: a verdict that has not changed is not written.

    `percent` is the share of its checks that are met, `lines` are state x category (x company), `ready` those
    without a gap, `unknown` those that cannot be told. The verdict holds through `good_until`, if no fact
    changes; for ever if that is null. The assignment has the same organization and producer,
    and the database sees to it that they exist.
    """

    assignment = models.OneToOneField(
        "assignments.Assignment", models.CASCADE, related_name="scorecard", primary_key=True
    )
    organization = models.ForeignKey(
        "access.Organization", models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    producer = models.ForeignKey(
        "producers.Producer", models.CASCADE, related_name="scorecards", db_index=False, db_constraint=False
    )
    percent = models.SmallIntegerField()
    lines = models.IntegerField()
    ready = models.IntegerField()
    unknown = models.IntegerField(default=0, db_default=0)
    good_until = models.DateField(null=True)
    judged_at = models.DateTimeField()

    objects = OfProducerQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organization", "percent", "assignment"], name="scorecard_worst_first"),
            models.Index(fields=["producer"], name="scorecard_by_producer"),
        ]

    def __str__(self) -> str:
        return f"{self.percent} %"


class Judgment(models.Model):
    """Through which day all that was judged of a producer holds, scorecards and health alike.

    If no fact changes, that is; null is for ever. There is one for each producer who was judged;
    one from before Muster judged is overdue.
    """

    producer = models.OneToOneField(
        "producers.Producer", models.CASCADE, related_name="judgment", primary_key=True
    )
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    good_until = models.DateField(null=True)
    judged_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["good_until"], name="judgment_overdue", condition=models.Q(good_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"through {self.good_until}"


class Rules(models.Model):
    """By which rules the verdicts on record were judged; there is one row.

    `digest` is that of `muster.core.rulebook`. Where a process judges by others, all verdicts are overdue.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    digest = models.CharField(max_length=64)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"since {self.since}"


class GapQuerySet(OrganizationQuerySet):
    """Gaps."""

    AGENCY = "scorecard__producer__agency_id"


class Gap(models.Model):
    """What one scorecard lacks in one state: so many of its lines have this gap as their next step.

    It is written and removed with its scorecard, which has the same organization.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        "access.Organization", models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="gaps", db_index=False)
    state = models.CharField(max_length=2)
    kind = models.CharField(max_length=24)
    lines = models.IntegerField()

    objects = GapQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scorecard", "state", "kind"], name="gap_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "state", "kind", "scorecard"], name="gap_by_state"),
            models.Index(fields=["organization", "kind", "scorecard"], name="gap_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.kind}"
