"""Templates of mailings. The mails themselves stand in the outbox."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from muster.access.models import Membership, OrganizationQuerySet
from muster.access.permissions import Permission


class MailTemplateQuerySet(OrganizationQuerySet):
    """Templates: one's own, and those that are shared."""

    def visible_to(self, member: Membership, permission: Permission) -> Self:
        """Those of the member's organization that are theirs or shared."""
        found = super().visible_to(member, permission)
        return found.filter(Q(owner_id=member.user_id) | Q(is_shared=True))

    def within(self, agency_ids: list[int], member: Membership) -> Self:
        """A text is about no agency."""
        return self


class MailTemplate(models.Model):
    """Subject and body that can be sent again, with fields in double braces (`muster.core.mailing`)."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("access.Organization", models.CASCADE, related_name="+")
    owner = models.ForeignKey("access.User", models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now())

    objects = MailTemplateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("organization", "owner", Lower("name"), name="mail_template_name_once")
        ]

    def __str__(self) -> str:
        return self.name
