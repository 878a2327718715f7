"""What tests of the sync share: a real sandbox registry, and the client and the drain that speak to it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from muster.registry.nipr.client import NiprRegistry
    from tests.registry.running import Drain
    from tests.sandbox.process import SandboxProcess


@pytest.fixture(scope="session")
def sandbox_of_the_run() -> Iterator[SandboxProcess]:
    from tests.sandbox.process import sandbox_process

    with sandbox_process(timeout_hold=30, today="2026-11-20") as running:
        yield running


@pytest.fixture
def sandbox(sandbox_of_the_run: SandboxProcess) -> SandboxProcess:
    """A sandbox registry as if just started."""
    sandbox_of_the_run.control("reset", {})
    return sandbox_of_the_run


@pytest.fixture
def registry(sandbox: SandboxProcess) -> Iterator[NiprRegistry]:
    """The client, speaking to the sandbox."""
    from muster.registry.nipr.client import NiprRegistry
    from tests.registry.running import account_at

    with NiprRegistry(account_at(sandbox)) as client:
        yield client


@pytest.fixture
def drain_all(registry: NiprRegistry) -> Drain:
    """Drains the queue as it stands; retries wait no time, so one drain uses up all tries."""
    from tests.registry.running import drain_with

    return partial(drain_with, registry)
