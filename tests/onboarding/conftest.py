"""What tests of onboarding share: a real sandbox registry which the settings name, and somebody who adds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from muster.access.models import Membership
    from tests.sandbox.process import SandboxProcess


@pytest.fixture(scope="session")
def sandbox_of_onboarding() -> Iterator[SandboxProcess]:
    from tests.sandbox.process import sandbox_process

    with sandbox_process(timeout_hold=30) as running:
        yield running


@pytest.fixture
def sandbox(sandbox_of_onboarding: SandboxProcess, settings: Any) -> SandboxProcess:
    """A sandbox registry as if just started, which the settings name."""
    sandbox_of_onboarding.control("reset", {})
    settings.MUSTER_REGISTRY = {
        **settings.MUSTER_REGISTRY,
        "url": f"{sandbox_of_onboarding.url}/pdb-xml-reports",
        "user": sandbox_of_onboarding.user,
        "password": sandbox_of_onboarding.password,
        "read_seconds": 5.0,
    }
    return sandbox_of_onboarding


@pytest.fixture
def member() -> Membership:
    from muster.access.permissions import Role
    from tests.make import make_member, make_organization

    return make_member(make_organization(name="Harbor Insurance"), Role.SPECIALIST, name="Robin Field")
