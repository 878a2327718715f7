"""Chooses the registry and its alerts: the one place that knows particular ones, by their dotted paths."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from muster.registry.port import AlertsService, Registry

DEFAULT = "muster.registry.nipr.client.from_settings"
DEFAULT_ALERTS = "muster.registry.nipr.alerts.from_settings"


def open_registry() -> Registry:
    """The registry that the settings choose; close it after use."""
    registry: Registry = import_string(settings.MUSTER_REGISTRY.get("adapter", DEFAULT))()
    return registry


def open_alerts() -> AlertsService:
    """The alerts service that the settings choose; close it after use."""
    service: AlertsService = import_string(settings.MUSTER_ALERTS.get("adapter", DEFAULT_ALERTS))()
    return service
