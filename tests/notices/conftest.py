from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.notices.mail_server import MailServer


@pytest.fixture(autouse=True)
def no_jobs(request: pytest.FixtureRequest) -> None:
    """Forget the jobs of earlier tests that committed: Django does not know this table, and so leaves it."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """A mail server, and settings that name it."""
    server = MailServer()
    server.start()
    settings.EMAIL_HOST = server.hostname
    settings.EMAIL_PORT = server.port
    yield server
    server.stop()
