"""Registering in a portal: an invitation becomes a person who may come in, once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction

from muster.access.models import Membership, User
from muster.access.permissions import Role
from muster.audit.operations import EventKind, record
from muster.portals.models import PortalUser
from muster.portals.queries import OPEN, invitation_with

INVITATION = "portal-invitation"
"""What the session calls the digest of the link that was followed."""


class CannotRegister(Exception):
    """The invitation cannot be used so: the message is a sentence that says why, and what to do."""


class InvitationOver(CannotRegister):
    """The link opens nothing any more: it was used, sent anew, closed, or its time is over."""


class Registered(NamedTuple):
    """Who has registered, and by which seat."""

    user: User
    seat: PortalUser


def account_of(seat: PortalUser) -> User | None:
    """The account that there is at the address that was invited."""
    return User.objects.filter(email__iexact=seat.email).first()


def register(*, digest: str, user: User | None, password: str = "", now: datetime) -> Registered:
    """Have somebody take the seat of an invitation, on record: once, in one transaction.

    `user` is who is logged in, whose account is linked; without one an account is made with the password, or
    one that never had a password gets it. Staff keep their role. Raises InvitationOver, CannotRegister.
    """
    try:
        with transaction.atomic():
            return _registered(digest, user, password, now)
    except IntegrityError:
        # Somebody else made the account, or took a seat with it, this moment.
        raise CannotRegister("Somebody registered with this email just now. Log in with it.") from None


def _registered(digest: str, user: User | None, password: str, now: datetime) -> Registered:
    seat = invitation_with(digest, now=now, lock=True)
    if seat is None:
        raise InvitationOver("This link does not work any more.")
    account = account_of(seat)
    if user is not None and (account is None or account.pk != user.pk):
        raise CannotRegister("This invitation is for somebody else.")
    if user is None:
        account = _with_password(seat, account, password)
    if account is None or not account.is_active:
        raise CannotRegister("This account is closed. Ask who invited you.")
    # What a portal shows is of one producer an organization.
    others = PortalUser.objects.filter(OPEN, organization_id=seat.organization_id, user=account)
    if others.exclude(producer_id=seat.producer_id).exists():
        raise CannotRegister(
            f"You are registered at {seat.organization} already, as another producer. Ask who invited you to "
            "invite each of the two by an address of its own."
        )
    _let_in(seat.organization_id, account)
    seat.user, seat.registered_at, seat.digest = account, now, None
    seat.save(update_fields=["user", "registered_at", "digest"])
    record(
        EventKind.PORTAL_REGISTERED,
        organization_id=seat.organization_id,
        by_id=account.pk,
        subject=f"producer:{seat.producer_id}",
        data={"name": seat.portal.name, "portal": seat.portal_id},
    )
    return Registered(account, seat)


def account_vouched_for(*, digest: str, email: str, now: datetime) -> User | None:
    """Make the account of an invitation for whom an issuer vouches: `email` is verified there.

    It has no password, and the seat is taken by `register` as with any account. None where no invitation that
    is open went to this address.
    """
    seat = invitation_with(digest, now=now)
    if seat is None or seat.email.lower() != email.lower():
        return None
    try:
        with transaction.atomic():
            return _made(seat, None)
    except IntegrityError:
        # They came twice this moment.
        return account_of(seat)


def _made(seat: PortalUser, password: str | None) -> User:
    name = f"{seat.producer.first_name} {seat.producer.last_name}".strip()[:150]
    return User.objects.create_user(seat.email, password, name=name)


def _with_password(seat: PortalUser, account: User | None, password: str) -> User:
    if account is None:
        return _made(seat, password)
    if account.has_usable_password():
        raise CannotRegister("There is an account with this email. Log in with it.")
    # Whoever reads mail at the address could have a password made by mail, too.
    account.set_password(password)
    account.save(update_fields=["password"])
    return account


def _let_in(organization_id: int, user: User) -> None:
    place, _ = Membership.objects.select_for_update().get_or_create(
        organization_id=organization_id, user=user, defaults={"role": Role.PRODUCER.value}
    )
    if not place.is_active:
        # Whoever worked here comes back as a producer, and no more.
        place.role, place.can_see_ssn, place.agency_ids = Role.PRODUCER.value, False, None
        place.is_active = True
        place.save(update_fields=["role", "can_see_ssn", "agency_ids", "is_active"])
