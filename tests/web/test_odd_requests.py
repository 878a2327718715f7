"""Requests that no page of ours makes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership
from muster.bulk.models import Operation
from tests.make import make_member
from tests.web.import_makers import make_upload, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def site(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/producers/%00/", None),
        ("/producers/?q=a%00b", None),
        ("/producers/resync/", {"npn": "\x00"}),
        ("/agencies/new/", {"name": "\x00"}),
    ],
)
def test_nul_is_not_understood(site: Client, address: str, form: dict[str, str] | None) -> None:
    response = site.get(address) if form is None else site.post(address, form)
    assert response.status_code == 400


@pytest.mark.parametrize("name", ["import-map-value", "import-take-suggestions", "import-create-agency"])
def test_nul_in_what_mends_an_import_is_not_understood(site: Client, member: Membership, name: str) -> None:
    operation = make_upload(member, [row(1)])
    form = {
        "field": "States",
        "value": "\x00",
        "replacement": "\x00",
        "npn": "\x00",
        "name": "\x00",
        "code": "\x00",
    }
    assert site.post(reverse(name, args=[operation.pk]), form).status_code == 400


def test_an_upload_without_a_length_is_told_to_say_one(site: Client) -> None:
    response = site.post("/imports/new/", HTTP_TRANSFER_ENCODING="chunked")
    assert response.status_code == 411
    assert "does not say how large it is" in response.content.decode()


def test_an_upload_has_no_name_on_disk_while_it_comes(
    site: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    seen = []

    def look(**told: Any) -> Operation:
        seen.append((list(tmp_path.iterdir()), b"".join(told["content"])))
        return make_upload()

    monkeypatch.setattr("muster.bulk.operations.start_upload", look)
    file = SimpleUploadedFile("a.csv", b"x" * 100_000)
    site.post("/imports/new/", {"operation": uuid4(), "kind": "agent", "file": file})
    assert seen == [([], b"x" * 100_000)]
