"""Organizations, people and their roles."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

from muster.access.permissions import OF_AGENCIES, Permission, Role, allows


class Organization(models.Model):
    """The tenant: a carrier, an MGA or an agency. Nothing of one is ever visible to another."""

    class Kind(models.TextChoices):
        CARRIER = "carrier", "Carrier"
        MGA = "mga", "MGA"
        AGENCY = "agency", "Agency"

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.AGENCY)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.name


class OrganizationQuerySet(models.QuerySet[Any]):
    """Rows that belong to an organization and are read through `visible_to`.

    Rows that tell of producers have an `AGENCY`, the way to the agency; others are everybody's here.
    """

    AGENCY: ClassVar[str] = ""

    def visible_to(self, member: Membership, permission: Permission) -> Self:
        """The rows that the member may touch in this way: their organization's, their agencies', or none."""
        if not member.may(permission):
            return self.none()
        rows = self.filter(organization_id=member.organization_id)
        return rows if member.agency_ids is None else rows.within(member.agency_ids, member)

    def within(self, agency_ids: list[int], member: Membership) -> Self:
        """Those of the rows that a member who is limited to these agencies may know of."""
        return self.filter(**{f"{self.AGENCY}__in": agency_ids}) if self.AGENCY else self


class UserManager(BaseUserManager["User"]):
    """Makes users that are known by their email address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in, known by email address."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """A person's place in an organization: the role, and whether SSNs may be seen.

    `agency_ids` limit it to the producers of these agencies; None is the whole organization.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role.value, role.label) for role in Role])
    can_see_ssn = models.BooleanField(default=False)
    agency_ids = ArrayField(models.BigIntegerField(), null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization}"

    def may(self, permission: Permission) -> bool:
        """Whether this person may do this here, be it for some agencies only."""
        if not self.is_active or (self.is_limited and permission not in OF_AGENCIES):
            return False
        return allows(Role(self.role), permission, can_see_ssn=self.can_see_ssn)

    @property
    def is_limited(self) -> bool:
        """Whether they work for some agencies only."""
        return self.agency_ids is not None


class ApiToken(models.Model):
    """What a program shows to act as a member. It is shown once, when it is made; only a digest is kept."""

    id = models.BigAutoField(primary_key=True)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="tokens")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
