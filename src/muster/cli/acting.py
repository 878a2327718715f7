"""On whose behalf a command acts."""

from __future__ import annotations

from muster.access.models import Membership
from muster.access.permissions import Permission, Role
from muster.config.errors import CannotDoIt


def acting_member(email: str | None, permission: Permission) -> Membership:
    """The membership that a command acts as: the one of `email`, else the only organization's first admin.

    Raises CannotDoIt where there is none, several could be meant, or the person may not do it.
    """
    members = Membership.objects.filter(is_active=True).select_related("organization", "user").order_by("id")
    if email:
        found = list(members.filter(user__email__iexact=email))
        if not found:
            raise CannotDoIt(f"Nobody here logs in as {email}.")
    else:
        found = list(members.filter(role=Role.ADMIN.value))
        if len({member.organization_id for member in found}) > 1:
            raise CannotDoIt("There are several organizations; say with --as EMAIL in whose name to act.")
        if not found:
            raise CannotDoIt("There is no organization yet; make one with: muster init")
    member = found[0]
    if not member.may(permission):
        raise CannotDoIt(f"{member.user.email} is {Role(member.role).label}, who may not do this.")
    return member
