"""Companies, the states in which they appoint, and the lines that the organization sells."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from muster.access.models import OrganizationQuerySet


class Company(models.Model):
    """A carrier, known by its CoCode (the NAIC's company code).

    `domicile` is its home state, empty where nobody has told: some states' fees depend on it.
    `create_internal_appointments`: where a state files none, its register is kept here, as appointments.
    """

    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="companies")
    name = models.CharField(max_length=200)
    cocode = models.CharField(max_length=5)
    fein = models.CharField(max_length=9, default="", blank=True)
    categories = ArrayField(models.CharField(max_length=30), default=list)
    domicile = models.CharField(max_length=2, default="", db_default="", blank=True)
    address = models.TextField(default="", db_default="", blank=True)
    create_internal_appointments = models.BooleanField(default=True, db_default=True)
    assignment_required = models.BooleanField(default=False, db_default=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "companies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "cocode"], name="company_cocode_once"),
            models.CheckConstraint(condition=Q(cocode__regex=r"^[0-9]{5}$"), name="company_cocode_is_digits"),
        ]

    def __str__(self) -> str:
        return self.name


class CompanyState(models.Model):
    """That a company appoints in a state, and how; from one day to another, open where null."""

    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, models.CASCADE, related_name="states", db_index=False)
    state = models.CharField(max_length=2)
    company_license_id = models.CharField(max_length=60, default="", blank=True)
    just_in_time = models.BooleanField(default=False)
    auto_submit = models.BooleanField(default=False)
    assignment_required = models.BooleanField(default=False, db_default=False)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "state"], name="company_state_once"),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")), name="company_state_starts_before_it_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} in {self.state}"


class BusinessRule(models.Model):
    """A line of authority and license class in which the organization does business in a state.

    It counts while it is active, from `starts_on` to `ends_on`, both included, open where null. A rule
    without a class holds for every class.
    """

    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="business_rules")
    state = models.CharField(max_length=2)
    class_code = models.CharField(max_length=20, default="")
    class_name = models.CharField(max_length=200, default="")
    line_code = models.CharField(max_length=20, default="")
    line_name = models.CharField(max_length=200)
    categories = ArrayField(models.CharField(max_length=30), default=list)
    is_active = models.BooleanField(default=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "state", "class_code", "class_name", "line_code", "line_name"],
                name="business_rule_once",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")), name="business_rule_starts_before_it_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.line_name}"


class FilingSettings(models.Model):
    """How an organization files. Money is in cents; a limit that is null is none.

    `registry_fee` is what the registry takes for a filing, null where nobody has told.
    """

    organization = models.OneToOneField(
        "access.Organization", models.CASCADE, primary_key=True, related_name="filing_settings"
    )
    auto_submit_bulk_appointments = models.BooleanField(default=False, db_default=False)
    assignment_required = models.BooleanField(default=False, db_default=False)
    two_person_release = models.BooleanField(default=False, db_default=False)
    most_filings = models.IntegerField(null=True, blank=True)
    most_fees = models.IntegerField(null=True, blank=True)
    registry_fee = models.IntegerField(null=True, blank=True)
    # The code of the reason for which an appointment ends where none is named, by state.
    termination_reasons = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(most_filings__gte=1), name="most_filings_is_a_limit"),
            models.CheckConstraint(condition=Q(most_fees__gte=1), name="most_fees_is_a_limit"),
            models.CheckConstraint(condition=Q(registry_fee__gte=0), name="registry_fee_is_a_fee"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}"


class RuleOverride(models.Model):
    """An organization's own value of a state's rule, from a day on, and why it says otherwise.

    `topic`, `key`, `value` and `terms` are those of `muster.core.rules`; `terms` say for whom it is. Never
    changed, only ended: a later one takes its place.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=2)
    topic = models.CharField(max_length=20)
    key = models.CharField(max_length=60)
    value = models.JSONField()
    terms = models.JSONField(default=dict, db_default={}, blank=True)
    starts_on = models.DateField()
    reason = models.TextField()
    by = models.ForeignKey("access.User", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organization", "state", "topic", "key"], name="rule_override_by_key")
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.key}"
