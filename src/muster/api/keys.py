"""Idempotency: the key that comes with a request names its operation, and the same key never does two."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID, uuid5

from ninja import Header
from pydantic import StringConstraints

from muster.access.models import Membership
from muster.api.problems import Refused
from muster.bulk.apply import SOURCE
from muster.bulk.models import Operation
from muster.history.models import Source

OURS = UUID("6c0f0f5e-3a0c-5d0b-9d1f-5f6f8d8f9a11")
"""The namespace of ids that are made from keys."""

Key = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$"),
]
IdempotencyKey = Annotated[Key, Header(..., alias="Idempotency-Key")]
"""The header: 1 to 200 printable characters of ASCII, new for every new request."""

DIGEST = "request_digest"


def operation_id_of(member: Membership, purpose: str, key: str) -> UUID:
    """The id of the operation that the key names in the member's organization."""
    return uuid5(OURS, f"{member.organization_id}\0{purpose}\0{key}")


def digest_of(asked: Any) -> str:
    """The same for the same request, in whatever order its fields are written."""
    return sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def params_of(asked: Any) -> dict[str, str]:
    """What an operation keeps of the request that started it."""
    return {SOURCE: Source.API.value, DIGEST: digest_of(asked)}


def require_same(operation: Operation, asked: Any) -> None:
    """Refuse a key under which something else was asked for."""
    if operation.params.get(DIGEST) != digest_of(asked):
        raise Refused(
            409,
            code="key_used",
            message="Something else was asked for under this Idempotency-Key. A new request needs a new key.",
        )
