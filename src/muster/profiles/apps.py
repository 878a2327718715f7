"""The app of profiles."""

from __future__ import annotations

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "muster.profiles"
    label = "profiles"
