from __future__ import annotations

from django.apps import AppConfig


class ProducersConfig(AppConfig):
    name = "muster.producers"
    label = "producers"
