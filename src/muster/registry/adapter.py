"""Chooses the registry: the one place that knows of a particular one, and only by its dotted path."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from muster.registry.port import Registry

DEFAULT = "muster.registry.nipr.client.from_settings"


def open_registry() -> Registry:
    """The registry that the settings choose; close it after use."""
    registry: Registry = import_string(settings.MUSTER_REGISTRY.get("adapter", DEFAULT))()
    return registry
