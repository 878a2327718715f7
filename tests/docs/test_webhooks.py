"""The check that the manual gives to receivers lets Muster's calls in, and nobody else's."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from muster.core.webhooks import headers_of, write_secret

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "webhooks.md"
OURS, THEIRS = write_secret(b"o" * 32), write_secret(b"t" * 32)
BODY = b'{"type":"webhook.test"}'


def check(secret: str, headers: dict[str, str], body: bytes) -> None:
    """The manual's own."""
    [code] = re.findall(r"```python\n(.*?)```", HOWTO.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  it is the manual's
    names["check"](secret, headers, body)


def headers(*secrets: str, ago: int = 0) -> dict[str, str]:
    return headers_of(secrets, message_id="e-1", timestamp=int(time.time()) - ago, body=BODY)


def test_it_lets_calls_of_muster_in_also_while_the_secret_is_rotated() -> None:
    check(OURS, headers(OURS), BODY)
    check(OURS, headers(THEIRS, OURS), BODY)


@pytest.mark.parametrize(
    ("secret", "ago", "over", "body", "words"),
    [
        (THEIRS, 0, {}, BODY, "not signed"),
        (OURS, 0, {}, BODY + b" ", "not signed"),
        (OURS, 0, {"webhook-id": "e-2"}, BODY, "not signed"),
        (OURS, 3600, {}, BODY, "too old"),
    ],
    ids=["other secret", "other body", "other id", "old"],
)
def test_it_keeps_others_out(secret: str, ago: int, over: dict[str, str], body: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check(OURS, headers(secret, ago=ago) | over, body)
