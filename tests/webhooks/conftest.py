from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from muster.core.networks import read_networks
from tests.webhooks.receiver import Receiver

if TYPE_CHECKING:
    from muster.access.models import Membership


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver on this machine, which may be called."""
    settings.MUSTER_WEBHOOKS_PRIVATE = read_networks("127.0.0.0/8")
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def member() -> Membership:
    """An Agency Admin."""
    from muster.access.permissions import Role
    from tests.make import make_member

    return make_member(role=Role.ADMIN)
