"""Sealing of personal data at rest, and a keyed index to find it again.

Seals are Fernet tokens; the first key of the installation seals, all of them open, so keys can be rotated.
"""

from __future__ import annotations

import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotOpenSeal(Exception):
    """The value was sealed with a key that this installation does not have."""


@lru_cache(maxsize=1)
def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.MUSTER_SECRETS.field_keys])


def seal(text: str) -> str:
    """The text, sealed."""
    return _keys().encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """The text that was sealed. Raises CannotOpenSeal."""
    return unseal_bytes(token.encode()).decode()


def seal_bytes(content: bytes) -> bytes:
    """The bytes, sealed; they grow by a third."""
    return _keys().encrypt(content)


def unseal_bytes(token: bytes) -> bytes:
    """The bytes that were sealed. Raises CannotOpenSeal."""
    try:
        return _keys().decrypt(token)
    except InvalidToken:
        raise CannotOpenSeal("This was sealed with a key that is not among MUSTER_FIELD_KEYS.") from None


def blind_index(text: str) -> str:
    """A keyed hash (64 hex digits) by which a sealed value is found without opening any."""
    return hmac.digest(settings.MUSTER_SECRETS.blind_index_key.encode(), text.encode(), "sha256").hex()
