"""Who came in, who could not, who left, and who changed their keys, in the event log."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import password_changed, password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from muster.access.middleware import SESSION_KEY
from muster.access.models import User
from muster.access.queries import current_membership
from muster.audit.operations import EventKind, record


@receiver(user_logged_in)
def _came_in(sender: Any, request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    _record(EventKind.USER_LOGGED_IN, request, user)


@receiver(user_logged_out)
def _left(sender: Any, request: HttpRequest | None, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        _record(EventKind.USER_LOGGED_OUT, request, user)


@receiver(user_login_failed)
def _could_not(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    email = str(credentials.get("email") or "")
    user = User.objects.filter(email__iexact=email).first() if email else None
    _record(EventKind.USER_LOGIN_FAILED, request, user, data={"email": email[:254]}, by_themselves=False)


@receiver([password_changed, password_reset])
def _has_a_new_password(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    _record(EventKind.USER_PASSWORD_CHANGED, request, user)


@receiver(authenticator_added)
def _uses_an_app(
    sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        _record(EventKind.USER_SECOND_FACTOR_ON, request, user)


@receiver(authenticator_removed)
def _uses_no_app(
    sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        _record(EventKind.USER_SECOND_FACTOR_OFF, request, user)


def _record(
    kind: EventKind,
    request: HttpRequest | None,
    user: User | None,
    *,
    data: dict[str, str] | None = None,
    by_themselves: bool = True,
) -> None:
    session = getattr(request, "session", {})
    member = current_membership(user, chosen=session.get(SESSION_KEY)) if user else None
    record(
        kind,
        organization_id=member.organization_id if member else None,
        by_id=user.pk if user and by_themselves else None,
        subject=f"user:{user.pk}" if user else "",
        data={**(data or {}), "address": _address(request)},
    )


def _address(request: HttpRequest | None) -> str:
    """Where the request came from as the rate limits see it: a proxy does not stand for everybody."""
    if request is None or "REMOTE_ADDR" not in request.META:
        return ""
    return get_adapter(request).get_client_ip(request)
