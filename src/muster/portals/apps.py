"""The app of portals."""

from __future__ import annotations

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "muster.portals"
    label = "portals"
