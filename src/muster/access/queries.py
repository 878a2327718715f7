"""Reading people and their places in organizations."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from muster.access.models import Membership, User
from muster.access.permissions import Permission


def active_memberships(user: User) -> QuerySet[Membership]:
    """The person's places in organizations, by name of the organization."""
    return (
        Membership.objects.filter(user=user, is_active=True)
        .select_related("organization", "user")
        .order_by("organization__name", "id")
    )


def current_membership(user: User, *, chosen: int | None) -> Membership | None:
    """The person's active place in the chosen organization, else their oldest one, else None."""
    memberships = active_memberships(user)
    if chosen is not None and (member := memberships.filter(organization_id=chosen).first()):
        return member
    return memberships.order_by("id").first()


def people_of(member: Membership) -> QuerySet[Membership]:
    """Everyone in the member's organization by name, each with `has_mfa`; nobody where not allowed."""
    if not member.may(Permission.MANAGE_USERS):
        return Membership.objects.none()
    second_factor = Authenticator.objects.filter(user_id=OuterRef("user_id"), type=Authenticator.Type.TOTP)
    return (
        Membership.objects.filter(organization_id=member.organization_id)
        .select_related("user")
        .annotate(has_mfa=Exists(second_factor))
        .order_by("-is_active", "user__name", "user__email", "id")
    )
