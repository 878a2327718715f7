"""What Muster asks of allauth beyond its settings."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

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
