from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "muster.registry"
    label = "registry"

    def ready(self) -> None:
        from muster.bulk.hooks import on_finish
        from muster.registry.completion import watch_new

        on_finish(watch_new)
