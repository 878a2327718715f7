from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.notices.mail_server import MailServer


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """A mail server, and settings that name it."""
    server = MailServer()
    server.start()
    settings.EMAIL_HOST = server.hostname
    settings.EMAIL_PORT = server.port
    yield server
    server.stop()
