"""Chooses the registry, its alerts and its gateway: the one place that knows particular ones, by path."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from muster.registry.port import AlertsService, Gateway, Registry

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


def open_gateway() -> Gateway:
    """The gateway that the settings choose; close it after use."""
    gateway: Gateway = import_string(settings.MUSTER_GATEWAY["adapter"])()
    return gateway
