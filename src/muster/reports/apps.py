from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "muster.reports"
    label = "reports"

    def ready(self) -> None:
        # In the order in which they are offered.
        from muster.reports.subjects import (  # noqa: F401, I001
            appointments,
            licenses,
            transactions,
            assignments,
            producers,
            contacts,
            operations,
            agencies,
            companies,
        )
