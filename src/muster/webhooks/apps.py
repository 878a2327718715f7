from __future__ import annotations

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "muster.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from muster.bulk.hooks import on_finish
        from muster.webhooks.queue import defer_pump_after

        on_finish(defer_pump_after)
