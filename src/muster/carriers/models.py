"""Companies, the states in which they appoint, and the lines that the organization sells."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from muster.access.models import OrganizationQuerySet


class Company(models.Model):
    """A carrier, known by its CoCode (the NAIC's company code)."""

    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="companies")
    name = models.CharField(max_length=200)
    cocode = models.CharField(max_length=5)
    fein = models.CharField(max_length=9, default="", blank=True)
    categories = ArrayField(models.CharField(max_length=30), default=list)

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
    """That a company appoints in a state, and how."""

    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, models.CASCADE, related_name="states", db_index=False)
    state = models.CharField(max_length=2)
    company_license_id = models.CharField(max_length=60, default="", blank=True)
    just_in_time = models.BooleanField(default=False)
    auto_submit = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "state"], name="company_state_once")
        ]

    def __str__(self) -> str:
        return f"{self.company} in {self.state}"


class BusinessRule(models.Model):
    """A line of authority and license class in which the organization does business in a state."""

    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="business_rules")
    state = models.CharField(max_length=2)
    class_code = models.CharField(max_length=20, default="")
    class_name = models.CharField(max_length=200, default="")
    line_code = models.CharField(max_length=20, default="")
    line_name = models.CharField(max_length=200)
    categories = ArrayField(models.CharField(max_length=30), default=list)
    is_active = models.BooleanField(default=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "state", "class_code", "class_name", "line_code", "line_name"],
                name="business_rule_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.line_name}"
