"""Who waits for the registry."""

from __future__ import annotations

import pytest

from muster.producers.models import SyncStatus
from muster.registry.queries import waiting_for_sync
from tests.make import make_organization, make_producer


@pytest.mark.django_db
def test_those_wait_who_get_an_answer_by_themselves_in_ones_own_organization() -> None:
    organization = make_organization()
    for status in SyncStatus:
        make_producer(organization, sync_status=status)
        make_producer(make_organization(), sync_status=status)
    waiting = waiting_for_sync(organization_id=organization.pk)
    assert sorted(one.sync_status for one in waiting) == ["error", "processing", "queued", "timeout"]
