from __future__ import annotations

from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    name = "muster.onboarding"
    label = "onboarding"

    def ready(self) -> None:
        from django.utils import timezone

        from muster.bulk.kinds import register
        from muster.onboarding import catalogue  # noqa: F401
        from muster.onboarding.many import OnboardProducers
        from muster.onboarding.retrieving import waits_for_look_up
        from muster.registry.hooks import comes_first

        register(OnboardProducers())
        comes_first(lambda: waits_for_look_up(now=timezone.now()))
