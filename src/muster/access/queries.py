"""Reading people and their places in organizations."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from muster.access.models import Membership, User
from muster.access.permissions import OF_AGENCIES, Permission, Role, roles_that_may


def active_memberships(user: User) -> QuerySet[Membership]:
    """The person's places in organizations, by name of the organization."""
    return (
        Membership.objects.filter(user=user, is_active=True)
        .select_related("organization", "user")
        .order_by("organization__name", "id")
    )


def current_membership(user: User, *, chosen: int | None) -> Membership | None:
    """The person's active place in the chosen organization, else their oldest one, else None.

    It has `has_seat`: whether the person is a producer there as well, by a seat in a portal.
    """
    seated = Membership.objects.filter(
        pk=OuterRef("pk"),
        user__portal_users__organization_id=F("organization_id"),
        user__portal_users__closed_at=None,
    )
    memberships = active_memberships(user).annotate(has_seat=Exists(seated))
    if chosen is not None and (member := memberships.filter(organization_id=chosen).first()):
        return member
    return memberships.order_by("id").first()


def people_of(member: Membership) -> QuerySet[Membership]:
    """Who works in the member's organization, each with `has_come` and `has_mfa`; nobody where not allowed.

    Producers, who are here by their seats in portals, are not among them.

    `has_come`: has logged in since they were added. Of those who have not, nothing but the email address is
    to be shown: their name and log-ins would tell that they work for another organization. They come first,
    the others by name, those who are no longer here last.
    """
    if not member.may(Permission.MANAGE_USERS):
        return Membership.objects.none()
    second_factor = Authenticator.objects.filter(user_id=OuterRef("user_id"), type=Authenticator.Type.TOTP)
    return (
        Membership.objects.filter(organization_id=member.organization_id)
        .exclude(role=Role.PRODUCER.value)
        .select_related("user")
        .annotate(
            has_mfa=Exists(second_factor),
            has_come=Q(user__last_login__gte=F("created_at")) | Q(user_id=member.user_id),
            shown_name=Case(When(has_come=True, then=F("user__name")), default=Value("")),
        )
        .order_by("-is_active", "shown_name", "user__email", "id")
    )


def members_who_may(organization_id: int, permission: Permission) -> QuerySet[Membership]:
    """The people of an organization who may do this, those who are limited to agencies too; oldest first."""
    members = Membership.objects.filter(organization_id=organization_id, is_active=True, user__is_active=True)
    if permission not in OF_AGENCIES:
        members = members.filter(agency_ids=None)
    return members.filter(role__in=roles_that_may(permission)).order_by("id")
