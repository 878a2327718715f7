"""Running the sync in tests: an account at a sandbox, and a drain whose retries wait no time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from django.utils import timezone

from muster.access.models import Organization
from muster.core.sync import RetryPolicy
from muster.producers.models import Producer
from muster.registry.draining import Drained, drain
from muster.registry.nipr.client import Account
from muster.registry.operations import queue_for_sync
from muster.registry.port import Registry
from tests.sandbox.process import SandboxProcess

READ_SECONDS = 0.6

Drain = Callable[..., Drained]


def account_at(sandbox: SandboxProcess, **over: Any) -> Account:
    return Account(
        **{
            "url": f"{sandbox.url}/pdb-xml-reports",
            "user": sandbox.user,
            "password": sandbox.password,
            "concurrency": 8,
            "read_seconds": READ_SECONDS,
            **over,
        }
    )


def drain_with(registry: Registry, **over: Any) -> Drained:
    return drain(
        **{
            "registry": registry,
            "policy": RetryPolicy(attempts=3, first_wait=0.0, longest_wait=0.0),
            "concurrency": 8,
            "random": Random(1),
            "clock": timezone.now,
            **over,
        }
    )


def queue_all(organization: Organization, *, now: datetime | None = None) -> int:
    return queue_for_sync(
        producers=Producer.objects.filter(organization=organization), now=now or timezone.now()
    )
