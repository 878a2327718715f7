"""Single sign-on by OpenID Connect: who comes from the issuer is whom their verified email address names."""

from __future__ import annotations

from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone

from muster.access.models import User
from muster.portals.registering import INVITATION, account_vouched_for

NOT_VERIFIED = (
    "It did not say that your email address is verified. Ask whoever runs it to verify the address, "
    "or log in with your password."
)
NOT_OF_OURS = "{email} is of a domain that may not come in this way. Log in with your password."
UNKNOWN = "{email} has no account here. Ask an Agency Admin of your organization to invite you."
OTHER_PROCESS = "Begin again on the log-in page."


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Lets people in who have an account here, or an invitation; nobody else gets one by coming."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Connect who comes for the first time with the account of their address, else say why not."""
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            _refuse(request, OTHER_PROCESS)
        email = verified_email(sociallogin)
        if not email:
            _refuse(request, NOT_VERIFIED)
        if settings.MUSTER_SSO_DOMAINS and email.rpartition("@")[2] not in settings.MUSTER_SSO_DOMAINS:
            _refuse(request, NOT_OF_OURS.format(email=email))
        if sociallogin.is_existing:
            return
        user = User.objects.filter(email__iexact=email).first() or account_vouched_for(
            digest=request.session.get(INVITATION, ""), email=email, now=timezone.now()
        )
        if user is None:
            _refuse(request, UNKNOWN.format(email=email))
        sociallogin.connect(request, user)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """A page of ours says that it did not work; the issuer's words are for the log, not for people."""


def verified_email(sociallogin: SocialLogin) -> str:
    """The address that the issuer says is verified, in lower case; empty where it says so of none."""
    return next((one.email.lower() for one in sociallogin.email_addresses if one.verified is True), "")


def _refuse(request: HttpRequest, why: str) -> NoReturn:
    raise ImmediateHttpResponse(render(request, "socialaccount/refused.html", {"why": why}, status=403))
