"""The app of portals."""

from __future__ import annotations

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "muster.portals"
    label = "portals"

    def ready(self) -> None:
        from muster.bulk.kinds import register
        from muster.portals import catalogue  # noqa: F401
        from muster.portals.inviting import InviteToPortal

        register(InviteToPortal())
