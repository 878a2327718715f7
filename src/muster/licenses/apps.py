from __future__ import annotations

from django.apps import AppConfig


class LicensesConfig(AppConfig):
    name = "muster.licenses"
    label = "licenses"

    def ready(self) -> None:
        from muster.bulk.kinds import register
        from muster.licenses.payment import UpdatePayment

        register(UpdatePayment())
