"""What tests of filing share: a real sandbox registry, and the client that files with its gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from muster.registry.gateway.client import HttpGateway
    from tests.sandbox.process import SandboxProcess


@pytest.fixture(scope="session")
def gateway_sandbox_of_the_run() -> Iterator[SandboxProcess]:
    from tests.sandbox.process import sandbox_process

    with sandbox_process(timeout_hold=30, decide_after=0, today="2026-11-20") as running:
        yield running


@pytest.fixture
def sandbox(gateway_sandbox_of_the_run: SandboxProcess) -> SandboxProcess:
    """A sandbox registry as if just started; what is filed with it is decided at once."""
    gateway_sandbox_of_the_run.control("reset", {})
    return gateway_sandbox_of_the_run


@pytest.fixture
def gateway(sandbox: SandboxProcess) -> Iterator[HttpGateway]:
    """The client, speaking to the sandbox."""
    from tests.transactions.filing import gateway_at

    with gateway_at(sandbox) as client:
        yield client
