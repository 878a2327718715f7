"""Webhooks: which events there are, how a call is signed, and when one is tried again.

Signing follows Standard Webhooks, so that receivers can check it with the libraries they have.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES = 24, 64
"""How long a secret is, before it is written in base64."""

KEEP_TRYING_FOR = timedelta(days=3)
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
SPREAD = 0.2
"""A wait becomes longer by up to this part of it, so that calls which failed together come apart."""

IN_A_ROW = 3
"""After so many failures in a row an endpoint is called once at a time, and paused after each failure."""
LONGEST_PAUSE = timedelta(minutes=5)


class EventType(StrEnum):
    """What a receiver can be told of. Names are never reused."""

    OPERATION_FINISHED = "operation.finished"
    TRANSACTION_CHANGED = "transaction.changed"
    LICENSE_CHANGED = "license.changed"
    PRODUCER_INVITED = "producer.invited"
    PRODUCER_REGISTERED = "producer.registered"
    PRODUCER_REMOVED = "producer.removed"

    @property
    def meaning(self) -> str:
        """When it happens, in a sentence."""
        return MEANINGS[self]


MEANINGS: Mapping[EventType, str] = {
    EventType.OPERATION_FINISHED: "An import or another bulk action has ended.",
    EventType.TRANSACTION_CHANGED: "A transaction went from one status to another.",
    EventType.LICENSE_CHANGED: "Licenses of a producer were added, changed, or are no longer listed.",
    EventType.PRODUCER_INVITED: "A producer was invited to a portal.",
    EventType.PRODUCER_REGISTERED: "A producer has registered at a portal.",
    EventType.PRODUCER_REMOVED: "A producer was removed from the organization.",
}

TEST = "webhook.test"
"""The type of the event that a person sends to try an endpoint out; nobody subscribes to it."""


class BadSecret(ValueError):
    """This is no secret of a webhook."""


def write_secret(key: bytes) -> str:
    """The key as receivers keep it: `whsec_` and base64. Raises BadSecret for one too short or too long."""
    if not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        raise BadSecret(f"A secret has {FEWEST_BYTES} to {MOST_BYTES} bytes, not {len(key)}.")
    return PREFIX + base64.b64encode(key).decode()


def read_secret(secret: str) -> bytes:
    """The key that `write_secret` wrote. Raises BadSecret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecret("A secret is whsec_ and base64.") from None
    write_secret(key)
    return key


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature `v1,...` of one call; `timestamp` in seconds since 1970. Raises BadSecret."""
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    digest = hmac.digest(read_secret(secret), signed, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def headers_of(secrets: Iterable[str], *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of one call, signed with each of the secrets: a receiver needs to know one of them."""
    signatures = [signature(one, message_id=message_id, timestamp=timestamp, body=body) for one in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def body_of(*, type_: str, occurred_at: datetime, data: Mapping[str, Any]) -> bytes:
    """The body of a call; the same event has the same body, however often it is sent."""
    told = {"type": type_, "timestamp": occurred_at.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def wait_before_next(*, attempts: int, age: timedelta, chance: float) -> timedelta | None:
    """How long to wait before a call is tried again; None where it is given up, after three days.

    `attempts` counts those made, `age` is the time since the call was queued, `chance` lies in 0 to 1. The
    last try is made when the three days are over, not before.
    """
    remains = KEEP_TRYING_FOR - age
    if remains <= timedelta():
        return None
    wait = WAITS[min(max(attempts, 1), len(WAITS)) - 1]
    return min(wait * (1 + SPREAD * chance), remains)


def pause_after(failures: int) -> timedelta:
    """How long an endpoint is left in peace after so many failures in a row: none at first."""
    if failures < IN_A_ROW:
        return timedelta()
    return min(timedelta(seconds=1 << min(failures - IN_A_ROW + 1, 16)), LONGEST_PAUSE)
