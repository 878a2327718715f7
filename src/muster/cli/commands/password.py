"""Giving somebody a new password where no mail can bring them a link."""

from __future__ import annotations

import secrets

import click
from django.db import transaction

from muster.access.models import User
from muster.audit.operations import EventKind, record
from muster.config.errors import CannotDoIt


@click.command()
@click.argument("email")
def command(email: str) -> None:
    """Give the person who logs in as EMAIL a new password, and print it once.

    The old one no longer works, and they are logged out everywhere; two-factor authentication stays as it is.
    """
    password = secrets.token_urlsafe(12)
    user = set_password(email, password)
    click.echo(f"New password of {user.email}: {password}")
    click.echo("Let them change it after they log in: Your account, Password.", err=True)


@transaction.atomic
def set_password(email: str, password: str) -> User:
    """Give a person that password, on record wherever they work. Raises CannotDoIt."""
    user = User.objects.select_for_update().filter(email__iexact=email.strip()).first()
    if user is None:
        raise CannotDoIt(f"Nobody here logs in as {email}; an Agency Admin adds people on the People page.")
    if not user.is_active:
        raise CannotDoIt(f"The account of {user.email} is switched off, so no password lets them in.")
    user.set_password(password)
    user.save(update_fields=["password"])
    organizations: list[int | None] = list(
        user.memberships.order_by("id").values_list("organization_id", flat=True)
    )
    for organization_id in organizations or [None]:
        record(
            EventKind.PASSWORD_GIVEN,
            organization_id=organization_id,
            by_id=None,
            subject=f"user:{user.pk}",
            data={"email": user.email},
        )
    return user
