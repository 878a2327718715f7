"""What Muster asks of allauth beyond its settings."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: people are invited by their organization's admin."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Password resets leave through the outbox, like every other mail."""
        from muster.notices.operations import queue_message

        message = self.render_mail(template_prefix, email, {**context, "request": self.request})
        queue_message(message, kind=template_prefix.replace("/", "-"))
