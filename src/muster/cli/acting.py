"""On whose behalf a command acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from muster.access.models import Membership, Organization
from muster.access.permissions import Permission, Role
from muster.config.errors import CannotDoIt


def acting_options(callback: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--as EMAIL` and `--organization SLUG`, as `email` and `organization`."""
    where = click.option(
        "--organization", metavar="SLUG", help="In which organization to act, where there are several."
    )
    who = click.option(
        "--as", "email", metavar="EMAIL", help="In whose name to act; else the first Agency Admin's."
    )
    return who(where(callback))


def acting_member(
    email: str | None, permission: Permission, *, organization: str | None = None
) -> Membership:
    """The membership that a command acts as: that of `email`, else the first Agency Admin's.

    `organization` is a slug. Raises CannotDoIt where there is none, several organizations could be meant, or
    the person may not do it.
    """
    members = Membership.objects.filter(is_active=True, user__is_active=True)
    members = members.select_related("organization", "user").order_by("id")
    if email:
        members = members.filter(user__email__iexact=email)
        none, several = f"Nobody here logs in as {email}.", f"{email} works for several organizations"
    else:
        members = members.filter(role=Role.ADMIN.value)
        none = "There is no organization yet; make one with: muster init"
        several = "There are several organizations"
    found = list(members)
    if not found:
        raise CannotDoIt(none)
    organizations = {member.organization_id: member.organization for member in found}
    if organization is not None:
        found = [member for member in found if member.organization.slug == organization]
        if not found:
            who = f"{email} works for" if email else "There is"
            raise CannotDoIt(
                f"{who} no organization “{organization}”, but: {_named(organizations.values())}."
            )
    elif len(organizations) > 1:
        raise CannotDoIt(f"{several}; say with --organization which: {_named(organizations.values())}.")
    member = found[0]
    if not member.may(permission):
        raise CannotDoIt(f"{member.user.email} is {Role(member.role).label}, who may not do this.")
    return member


def _named(organizations: Iterable[Organization]) -> str:
    return ", ".join(f"{one.slug} ({one.name})" for one in organizations)
