"""What Muster asks of allauth beyond its settings."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest
from django.urls import reverse

from muster.access.models import Membership
from muster.notices.operations import queue_message


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves, and mails about accounts leave through the outbox like every other."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(
            template_prefix, email, {**context, "request": self.request, "email": email}
        )
        queue_message(message, kind=template_prefix.rpartition("/")[2].replace("_", "-"))

    def send_invitation(self, person: Membership) -> None:
        """Tell a person how to come in: by setting a password, or with the one they have.

        The mail is the inviting organization's, wherever else the person works.
        """
        user = person.user
        at_log_in = self.request.build_absolute_uri(reverse("account_login"))
        key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
        message = self.render_mail(
            "account/email/invitation",
            user.email,
            {
                "organization": person.organization,
                "role": person.get_role_display(),
                "email": user.email,
                "log_in_url": at_log_in,
                "set_password_url": None
                if user.has_usable_password()
                else self.get_reset_password_from_key_url(key),
            },
        )
        queue_message(message, kind="invitation", organization_id=person.organization_id)
