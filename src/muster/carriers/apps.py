from __future__ import annotations

from django.apps import AppConfig


class CarriersConfig(AppConfig):
    name = "muster.carriers"
    label = "carriers"

    def ready(self) -> None:
        from muster.bulk.kinds import register
        from muster.carriers import catalogue  # noqa: F401
        from muster.carriers.updating import UpdateCompanies

        register(UpdateCompanies())
