"""The app of the producers' pages."""

from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "muster.portal"
    label = "portal"
