from __future__ import annotations

from django.apps import AppConfig


class ProducersConfig(AppConfig):
    name = "muster.producers"
    label = "producers"

    def ready(self) -> None:
        from muster.bulk.kinds import register
        from muster.producers.updating import UpdateProducers

        register(UpdateProducers())
