from __future__ import annotations

from django.apps import AppConfig


class BulkConfig(AppConfig):
    name = "muster.bulk"
    label = "bulk"

    def ready(self) -> None:
        from muster.bulk import catalogue  # noqa: F401
