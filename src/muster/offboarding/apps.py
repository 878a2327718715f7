from __future__ import annotations

from django.apps import AppConfig


class OffboardingConfig(AppConfig):
    name = "muster.offboarding"
    label = "offboarding"

    def ready(self) -> None:
        from muster.bulk.kinds import register
        from muster.offboarding import catalogue  # noqa: F401
        from muster.offboarding.keeping import CallOffRemovals
        from muster.offboarding.removing import RemoveProducers

        register(RemoveProducers())
        register(CallOffRemovals())
