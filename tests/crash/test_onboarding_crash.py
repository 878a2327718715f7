"""Killing the worker at any moment of a bulk onboarding: it goes on, nobody twice, nobody lost."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import Count
from django.utils import timezone

from muster.access.permissions import Role
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import GOES_ON, start_upload
from muster.bulk.sweeper import sweep_silent_operations
from muster.core.onboarding import DraftStatus
from muster.imports.producer import ProducerUpload
from muster.licenses.models import PaymentSetup
from muster.notices.completion import TOLD_ON_PAGE
from muster.notices.models import Email
from muster.onboarding.many import start_onboarding
from muster.onboarding.models import Draft
from muster.onboarding.queue import defer_retrieve
from muster.producers.models import Producer
from tests.cli.process import wait_until
from tests.make import make_member, make_organization
from tests.onboarding.files import AS_USUAL, as_csv, row
from tests.sandbox.process import sandbox_process
from tests.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 120
KILLED_AT = (10, 50, 90)


def count(status: DraftStatus) -> int:
    return Draft.objects.filter(status=status).count()


def sweep() -> None:
    """What the sweepers do within minutes."""
    sweep_silent_operations(timedelta(0))
    defer_retrieve()


def test_a_bulk_onboarding_whose_worker_is_killed_again_and_again_ends_like_one_that_is_not() -> None:
    member = make_member(make_organization(name="Harbor Insurance"), Role.SPECIALIST, name="Robin Field")
    with sandbox_process(latency_ms=100) as sandbox:
        settings = {
            "MUSTER_REGISTRY_URL": f"{sandbox.url}/pdb-xml-reports",
            "MUSTER_REGISTRY_USER": sandbox.user,
            "MUSTER_REGISTRY_PASSWORD": sandbox.password,
            "MUSTER_REGISTRY_CONCURRENCY": "4",
        }
        upload = start_upload(
            operation_id=uuid4(),
            member=member,
            kind=ProducerUpload(),
            source_name="producers.csv",
            content=[as_csv([row(number) for number in range(ROWS)])],
            now=timezone.now(),
            params={GOES_ON: True, TOLD_ON_PAGE: True},
        )
        for killed_at in KILLED_AT:
            with worker("bulk", "gateway", **settings) as running:
                wait_until(lambda at=killed_at: count(DraftStatus.READY) >= at, "some were looked up")
                running.kill()
            assert count(DraftStatus.READY) < ROWS
            sweep()
        with worker("bulk", "gateway", **settings):
            wait_until(lambda: count(DraftStatus.READY) == ROWS, "all were looked up")
        upload.refresh_from_db()
        assert (upload.state, upload.outcomes["created"]) == (OperationState.DONE, ROWS)

        begun = start_onboarding(
            by=member, upload=upload, operation_id=uuid4(), payment=AS_USUAL, now=timezone.now()
        )
        states = Operation.objects.filter(pk=begun.pk)
        with worker("bulk", **settings) as running:
            wait_until(lambda: not states.filter(state="checking").exists(), "it was processed")
            running.kill()
        sweep()
        with worker("bulk", **settings):
            wait_until(lambda: states.filter(state="done").exists(), "it was done")

    begun.refresh_from_db()
    assert begun.outcomes["created"] == ROWS
    assert Producer.objects.count() == PaymentSetup.objects.count() == count(DraftStatus.ONBOARDED) == ROWS
    twice = Producer.objects.values("npn").annotate(n=Count("id")).filter(n__gt=1)
    assert not twice.exists()
    assert Email.objects.filter(operation_id=begun.pk).count() == 1
