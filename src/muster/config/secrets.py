"""The installation's secrets: from the environment, else generated once into MUSTER_HOME."""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from muster.config.errors import CannotDoIt

FILE_NAME = "secrets.json"
TEXT_VARIABLES = {
    "MUSTER_SECRET_KEY": "django_secret_key",
    "MUSTER_BLIND_INDEX_KEY": "blind_index_key",
    "MUSTER_SANDBOX_USER": "sandbox_user",
    "MUSTER_SANDBOX_PASSWORD": "sandbox_password",
}
FERNET_KEY_BYTES = 32
SHORTEST_KEY = 32


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Secrets:
    """Every secret Muster needs; its repr shows none of them.

    `field_keys` are Fernet keys (URL-safe base64 of 32 bytes), newest first: the first encrypts, all decrypt.
    """

    django_secret_key: str
    field_keys: list[str]
    blind_index_key: str
    sandbox_user: str
    sandbox_password: str

    def __repr__(self) -> str:
        return "Secrets(...)"


def load_secrets(home: Path) -> Secrets:
    """Return the secrets of this installation.

    MUSTER_SECRET_KEY, MUSTER_FIELD_KEYS (comma separated, newest first), MUSTER_BLIND_INDEX_KEY,
    MUSTER_SANDBOX_USER and MUSTER_SANDBOX_PASSWORD go before `home`/secrets.json, which is made with mode 600
    when it is not there. Processes that start together agree on one file. Raises CannotDoIt for a key that is
    unusable and for a file that cannot be read or written.
    """
    found = _read_or_create(home / FILE_NAME)
    given: dict[str, Any] = {
        name: os.environ[variable] for variable, name in TEXT_VARIABLES.items() if os.environ.get(variable)
    }
    found = replace(found, **given)
    if keys := os.environ.get("MUSTER_FIELD_KEYS"):
        found = replace(found, field_keys=[key.strip() for key in keys.split(",") if key.strip()])
    _check(found)
    return found


def _read_or_create(path: Path) -> Secrets:
    try:
        if not path.exists():
            _create(path)
        return Secrets(**json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise CannotDoIt(
            f"Cannot read or write {path}: {error.strerror}; set MUSTER_HOME to a folder of yours."
        ) from None
    except (ValueError, TypeError):
        raise CannotDoIt(
            f"{path} is not a secrets file; restore it from a backup (stored SSNs cannot be read without it)."
        ) from None


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = Secrets(
        django_secret_key=secrets.token_urlsafe(48),
        field_keys=[base64.urlsafe_b64encode(secrets.token_bytes(FERNET_KEY_BYTES)).decode()],
        blind_index_key=secrets.token_urlsafe(32),
        sandbox_user="muster-sandbox",
        sandbox_password=secrets.token_urlsafe(24),
    )
    # A temporary file has mode 600 from its first byte, and a hard link fails where a faster process was
    # first: nobody ever reads half a file or overwrites keys that are in use.
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".secrets-") as scratch:
        json.dump(asdict(fresh), scratch, indent=2)
        scratch.flush()
        os.fsync(scratch.fileno())
        try:
            os.link(scratch.name, path)
        except FileExistsError:
            return


def _check(found: Secrets) -> None:
    if len(found.django_secret_key) < SHORTEST_KEY:
        raise CannotDoIt(f"MUSTER_SECRET_KEY is too short; give {SHORTEST_KEY} random characters.")
    if len(found.blind_index_key) < SHORTEST_KEY:
        raise CannotDoIt(
            f"MUSTER_BLIND_INDEX_KEY is too short; give at least {SHORTEST_KEY} random characters."
        )
    if not found.field_keys or not all(map(_is_fernet_key, found.field_keys)):
        raise CannotDoIt("MUSTER_FIELD_KEYS needs Fernet keys (URL-safe base64 of 32 bytes), newest first.")


def _is_fernet_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == FERNET_KEY_BYTES
    except (binascii.Error, ValueError):
        return False
