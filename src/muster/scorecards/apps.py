"""How far producers are from being ready for what they are meant to sell, and how their appointments fare."""

from __future__ import annotations

from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    name = "muster.scorecards"
    label = "scorecards"

    def ready(self) -> None:
        from muster.bulk.hooks import on_finish
        from muster.registry.hooks import on_stored
        from muster.scorecards.operations import judge_stored
        from muster.scorecards.queue import judge_written

        on_stored(judge_stored)
        on_finish(judge_written)
