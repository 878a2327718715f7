"""Using the pages of imports in tests."""

from __future__ import annotations

import csv
from html import unescape
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.models import Operation, OperationState
from tests.make import make_member
from tests.web.import_makers import agent_file, row

S = OperationState
HTMX = {"HX-Request": "true"}
SSN = "123-45-6789"

FAULTY = [
    *(row(2000 + n, states="Calif.") for n in range(7)),
    row(3000, states="Texsa"),
    row(4000, agency="999"),
    row("12a"),
    row(5000),
    row(5000),
    ",,,,,,,,",
    row(6000),
]


@pytest.fixture
def member() -> Membership:
    return make_member(role=Role.ADMIN, name="Lin Park")


@pytest.fixture
def site(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def as_another(member: Membership, role: Role, **over: Any) -> Client:
    """A browser of a colleague."""
    client = Client()
    client.force_login(make_member(member.organization, role, **over).user)
    return client


def url(name: str, operation: Operation | None = None, **query: Any) -> str:
    return reverse(name, args=[operation.pk] if operation else [], query=query or None)


def words(response: Any) -> str:
    """What a page says, as one line of text."""
    return " ".join(unescape(response.content.decode()).split())


def upload(client: Client, text: str = "", *, operation_id: UUID | None = None, **over: Any) -> Any:
    file = SimpleUploadedFile("onboarding.csv", (text or agent_file([row(1001)])).encode())
    form = {"operation": operation_id or uuid4(), "kind": "agent", "file": file, **over}
    return client.post(reverse("import-new"), form)


def read_csv(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def post(client: Client, action: str, operation: Operation, /, **form: str) -> str:
    """Post an action and return what the page says after it."""
    response = client.post(url(action, operation), form, follow=True)
    assert response.redirect_chain == [(url("import-detail", operation), 302)]
    operation.refresh_from_db()
    return words(response)
