from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "muster.registry"
    label = "registry"

    def ready(self) -> None:
        from muster.bulk.hooks import on_finish
        from muster.bulk.kinds import register
        from muster.registry.completion import watch_new
        from muster.registry.resyncing import ResyncProducers

        on_finish(watch_new)
        register(ResyncProducers())
