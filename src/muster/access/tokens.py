"""Tokens by which programs act as members: making and revoking them, and finding whose one is."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet

from muster.access.models import ApiToken, Membership
from muster.access.operations import CannotChange
from muster.access.permissions import Permission, Role
from muster.audit.operations import EventKind, record
from muster.core.values import plain

PREFIX = "mst_"
RANDOM_BYTES = 32
LONGEST_NAME = 100

NOTED_EVERY = timedelta(minutes=1)
"""That a token was used is written down no more often than this."""


# Each request of a program asks this: written out, it takes a third of the time.
WHOSE = """
SELECT membership.*, token.id AS token_id, token.used_at AS token_used_at,
       token.made_by_id IS NOT DISTINCT FROM membership.user_id AS is_own_token
FROM access_apitoken AS token
JOIN access_membership AS membership ON membership.id = token.membership_id
JOIN access_user AS person ON person.id = membership.user_id
WHERE token.digest = %(digest)s AND token.revoked_at IS NULL
  AND (token.expires_at IS NULL OR token.expires_at > %(now)s) AND membership.is_active AND person.is_active
"""


def new_secret() -> str:
    """A token that nobody can guess: a prefix by which it is known, and 256 random bits."""
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)


def digest_of(secret: str) -> str:
    """What is kept of a token."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def tokens_of(member: Membership) -> QuerySet[ApiToken]:
    """The tokens of the member's organization: those that hold first, then by age; none where not allowed."""
    if not member.may(Permission.MANAGE_SETTINGS):
        return ApiToken.objects.none()
    mine = ApiToken.objects.filter(membership__organization_id=member.organization_id)
    return mine.select_related("membership__user").order_by(F("revoked_at").desc(nulls_first=True), "-id")


def actors_of(member: Membership) -> QuerySet[Membership]:
    """The members as whom a token of the organization may act: all who work there now."""
    if not member.may(Permission.MANAGE_SETTINGS):
        return Membership.objects.none()
    active = Membership.objects.filter(
        organization_id=member.organization_id, is_active=True, user__is_active=True
    )
    return active.exclude(role=Role.PRODUCER.value).select_related("user").order_by("user__email", "id")


def make_token(
    *, by: Membership, acts_as: Membership, name: str, expires_at: datetime | None
) -> tuple[ApiToken, str]:
    """Make a token, on record; the second value is what is to be shown, this once.

    Raises CannotChange, PermissionDenied.
    """
    name = " ".join(plain(name)[0].split())
    if not name or len(name) > LONGEST_NAME or "\0" in name:
        raise CannotChange(f"A token needs a name of at most {LONGEST_NAME} characters.")
    with transaction.atomic():
        actor = actors_of(by).select_for_update(of=("self",), no_key=True).filter(pk=acts_as.pk).first()
        if actor is None:
            raise PermissionDenied
        if tokens_of(by).filter(name=name, revoked_at=None).exists():
            raise CannotChange("There is a token of that name already; revoke it, or choose another name.")
        secret = new_secret()
        token = ApiToken.objects.create(
            membership=actor,
            made_by_id=by.user_id,
            name=name,
            digest=digest_of(secret),
            hint=f"{PREFIX}…{secret[-4:]}",
            expires_at=expires_at,
        )
        _record(EventKind.TOKEN_CREATED, by, token)
    return token, secret


def revoke_token(*, by: Membership, token: ApiToken, now: datetime) -> bool:
    """End a token for good, on record; False where it had ended so before. Raises PermissionDenied."""
    with transaction.atomic():
        held = tokens_of(by).select_for_update(of=("self",), no_key=True).filter(pk=token.pk).first()
        if held is None:
            raise PermissionDenied
        if held.revoked_at is not None:
            return False
        held.revoked_at = now
        held.save(update_fields=["revoked_at"])
        _record(EventKind.TOKEN_REVOKED, by, held)
    return True


def member_of(secret: str, *, now: datetime) -> Membership | None:
    """As whom the bearer of a token acts; None for one that is unknown, revoked, expired, or of nobody here.

    That it was used is noted at most once a minute.
    """
    if not secret.startswith(PREFIX):
        return None
    found: Any = Membership.objects.raw(WHOSE, {"digest": digest_of(secret), "now": now})
    for member in found:
        if member.token_used_at is None or member.token_used_at <= now - NOTED_EVERY:
            ApiToken.objects.filter(pk=member.token_id).update(used_at=now)
        return member  # type: ignore[no-any-return]
    return None


def _record(kind: EventKind, by: Membership, token: ApiToken) -> None:
    record(
        kind,
        organization_id=by.organization_id,
        by_id=by.user_id,
        subject=f"token:{token.pk}",
        data={"name": token.name, "hint": token.hint, "email": token.membership.user.email},
    )
