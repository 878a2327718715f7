from __future__ import annotations

from django.apps import AppConfig


class LicensesConfig(AppConfig):
    name = "muster.licenses"
    label = "licenses"
