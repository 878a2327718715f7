from __future__ import annotations

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "muster.history"
    label = "history"
