"""One call of an endpoint: what was answered, or why nothing was. Knows no database."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from muster.core.networks import Network
from muster.webhooks.addresses import AddressRefused, GuardedTransport

SECONDS = 10.0
"""How long a call may take, from the first try to connect to the last byte that is read."""
KEPT_BYTES = 1024
"""How much of an answer is read and kept."""
SECONDS_A_CONNECTION_IDLES = 3.0
GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is to be sent, and where to."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call: `status` None where no answer came, and `error` then says why. `took` in ms."""

    took: int
    status: int | None = None
    response: str = ""
    error: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the event has arrived."""
        return self.status is not None and 200 <= self.status <= 299

    @property
    def is_gone(self) -> bool:
        """Whether nothing more is wanted there."""
        return self.status == GONE


class Caller:
    """Calls endpoints. Safe to be used from several threads at once."""

    def __init__(self, *, private: Sequence[Network], concurrency: int) -> None:
        limits = httpx.Limits(
            max_connections=concurrency,
            max_keepalive_connections=concurrency,
            keepalive_expiry=SECONDS_A_CONNECTION_IDLES,
        )
        self.transports = {
            "https": GuardedTransport(private=private, only_private=False, limits=limits),
            "http": GuardedTransport(private=private, only_private=True, limits=limits),
        }
        self.extensions = {"timeout": httpx.Timeout(SECONDS).as_dict()}

    def call(self, call: Call) -> Answer:
        """Make one call. What goes wrong with it is part of the answer."""
        began = time.monotonic()

        def answer(**told: object) -> Answer:
            return Answer(took=round((time.monotonic() - began) * 1000), **told)  # type: ignore[arg-type]

        transport = self.transports[urlsplit(call.url).scheme]
        transport.begin(SECONDS)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Muster-Webhooks",
            # A compressed answer could unpack to far more than we are ready to read.
            "Accept-Encoding": "identity",
            **call.headers,
        }
        try:
            request = httpx.Request(
                "POST", call.url, headers=headers, content=call.body, extensions=self.extensions
            )
            with closing(transport.handle_request(request)) as response:
                status, body = response.status_code, _beginning(response)
        except httpx.TimeoutException:
            return answer(error=f"No answer came within {SECONDS:g} seconds.")
        except AddressRefused as problem:
            return answer(error=str(problem))
        except httpx.TransportError as problem:
            return answer(error=f"The connection failed: {problem or type(problem).__name__}")
        return answer(status=status, response=body, error=_words(status))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for transport in self.transports.values():
            transport.close()


def _beginning(response: httpx.Response) -> str:
    """The first of the answer's bytes, as text that the database can keep."""
    read = b""
    try:
        for part in response.iter_raw():
            read += part
            if len(read) >= KEPT_BYTES:
                break
    except httpx.TransportError:
        # The status has come: that is the answer, whatever becomes of its text.
        pass
    return read[:KEPT_BYTES].decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _words(status: int) -> str:
    if 200 <= status <= 299:
        return ""
    if 300 <= status <= 399:
        return f"It answered {status} and led elsewhere: enter the address that it leads to."
    return f"It answered {status}."
