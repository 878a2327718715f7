"""Reads about the sync."""

from __future__ import annotations

from django.db.models import QuerySet

from muster.producers.models import WAITING_FOR_SYNC, Producer


def waiting_for_sync(*, organization_id: int) -> QuerySet[Producer]:
    """The producers of an organization that wait for the registry, or are being synced this moment."""
    return Producer.objects.filter(organization_id=organization_id, sync_status__in=WAITING_FOR_SYNC)
