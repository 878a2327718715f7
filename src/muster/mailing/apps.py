from __future__ import annotations

from django.apps import AppConfig


class MailingConfig(AppConfig):
    name = "muster.mailing"
    label = "mailing"

    def ready(self) -> None:
        from muster.bulk.kinds import register
        from muster.mailing import catalogue  # noqa: F401
        from muster.mailing.sending import SendEmail

        register(SendEmail())
