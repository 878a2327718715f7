"""One sandbox registry for the tests that only ask; each test finds it as it started."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox.process import SandboxProcess, sandbox_process


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[SandboxProcess]:
    with sandbox_process(today="2026-03-15", timeout_hold=0.2) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def running_lively_sandbox() -> Iterator[SandboxProcess]:
    with sandbox_process(today="2026-03-02", life=12, timeout_hold=0.2) as sandbox:
        yield sandbox


@pytest.fixture
def lively(running_lively_sandbox: SandboxProcess) -> SandboxProcess:
    """A sandbox in which twelve things a year happen to each producer; it is Monday, 2026-03-02."""
    running_lively_sandbox.control("reset", {})
    return running_lively_sandbox


@pytest.fixture
def sandbox(running_sandbox: SandboxProcess) -> SandboxProcess:
    running_sandbox.control("reset", {})
    return running_sandbox


@pytest.fixture
def client(sandbox: SandboxProcess) -> Iterator[httpx.Client]:
    with sandbox.client() as client:
        yield client


@pytest.fixture
def gateway(sandbox: SandboxProcess) -> Iterator[httpx.Client]:
    """A client of a sandbox that decides filings at once; it is Sunday, 2026-03-15."""
    sandbox.control("gateway", {"decide_after": 0})
    with sandbox.client() as client:
        yield client
