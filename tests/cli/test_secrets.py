"""Secrets are made once, kept from others, and never shown."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from muster.config.database import database_url, django_databases, owner_url, socket_folder
from muster.config.errors import CannotDoIt
from muster.config.secrets import TEXT_VARIABLES, load_secrets

LONG = "x" * 40


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MUSTER_FIELD_KEYS", "DATABASE_URL", *TEXT_VARIABLES):
        monkeypatch.delenv(name, raising=False)


def test_they_are_made_once_readable_by_the_owner_alone(tmp_path: Path) -> None:
    first = load_secrets(tmp_path)
    assert load_secrets(tmp_path) == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert load_secrets(tmp_path / "another") != first


def test_their_field_key_encrypts(tmp_path: Path) -> None:
    key = Fernet(load_secrets(tmp_path).field_keys[0])
    assert key.decrypt(key.encrypt(b"123-45-6789")) == b"123-45-6789"


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: load_secrets(tmp_path).field_keys[0], range(64)))
    assert len(set(found)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]


@pytest.mark.parametrize(("variable", "name"), TEXT_VARIABLES.items())
def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, name: str
) -> None:
    monkeypatch.setenv(variable, LONG)
    assert getattr(load_secrets(tmp_path), name) == LONG


def test_field_keys_of_the_environment_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [Fernet.generate_key().decode() for _ in range(3)]
    monkeypatch.setenv("MUSTER_FIELD_KEYS", ", ".join(keys))
    assert load_secrets(tmp_path).field_keys == keys


@pytest.mark.parametrize("content", ["", "[]", '{"django_secret_key": "x"}', "\x00"])
def test_a_damaged_file_is_said_and_never_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(content)
    with pytest.raises(CannotDoIt, match="restore it from a backup"):
        load_secrets(tmp_path)
    assert file.read_text() == content


def test_they_are_not_shown(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    assert secrets.django_secret_key not in f"{secrets} {secrets!r}"


def test_a_database_url_becomes_djangos_settings() -> None:
    found = django_databases("postgresql://me:a%40b@db.example:5433/muster?sslmode=require")["default"]
    wanted = {"NAME": "muster", "USER": "me", "PASSWORD": "a@b", "HOST": "db.example", "PORT": "5433"}
    assert wanted.items() <= found.items()
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(("url", "role"), [(database_url, "muster_app"), (owner_url, "muster")])
def test_the_embedded_database_is_reached_through_its_socket_whatever_the_path(
    url: Callable[[Path], str], role: str
) -> None:
    home = Path("/srv/a b&c?d")
    found = django_databases(url(home))["default"]
    assert (found["NAME"], found["USER"]) == ("muster", role)
    assert found["HOST"] == str(socket_folder(home))
