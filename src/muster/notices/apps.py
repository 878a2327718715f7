from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "muster.notices"
    label = "notices"

    def ready(self) -> None:
        from muster.bulk.hooks import on_finish
        from muster.notices.completion import queue_completion

        on_finish(queue_completion)
