"""How services are spoken to over HTTP: Basic, limits of time and size, and what each status means."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Container, Mapping
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, Self

import httpx

from muster.core.gateway import Arrival
from muster.registry.deadline import DeadlineTransport
from muster.registry.port import BrokenAnswer, Rejected, Throttled, TimedOut, Unauthorized, Unavailable

# Shorter than servers commonly keep an idle connection, so that none is used just as it is being closed.
SECONDS_A_CONNECTION_IDLES = 3.0
LONGEST_RETRY_AFTER = 24 * 3600.0
"""Seconds. What asks for more is taken to ask for this: nobody means years."""

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What httpx raises while it has no connection yet: nothing of the request can have left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where a service is, who we are there, how many calls may run at once, and how long one may take."""

    url: str
    user: str
    password: str
    concurrency: int = 16
    connect_seconds: float = 5.0
    read_seconds: float = 20.0

    def __repr__(self) -> str:
        return f"<Account at {self.url}>"


class Answer(NamedTuple):
    """An answer that was read to its end; `retry_after` is in seconds, None where it does not say."""

    status: int
    content_type: str
    body: bytes
    retry_after: float | None = None


class Transport:
    """Sends requests to one service and reads its answers. Safe to be used from several threads at once."""

    def __init__(self, account: Account, *, url_setting: str, accept: str) -> None:
        self.account = account
        self.url_setting = url_setting
        self.transport = DeadlineTransport(
            limits=httpx.Limits(
                max_connections=account.concurrency,
                max_keepalive_connections=account.concurrency,
                keepalive_expiry=SECONDS_A_CONNECTION_IDLES,
            )
        )
        password = b64encode(f"{account.user}:{account.password}".encode()).decode()
        self.headers = {
            "Accept": accept,
            # A compressed answer could unpack to far more than we are ready to read.
            "Accept-Encoding": "identity",
            "Authorization": f"Basic {password}",
            "User-Agent": "Muster",
        }
        timeout = httpx.Timeout(account.read_seconds, connect=account.connect_seconds)
        self.extensions = {"timeout": timeout.as_dict()}

    def post(self, url: str, *, largest: int, readable: Container[int] = (200,), **request: Any) -> Answer:
        """Post a request and read its answer, as `call` does."""
        return self.call("POST", url, largest=largest, readable=readable, **request)

    def call(
        self,
        method: str,
        url: str,
        *,
        largest: int,
        readable: Container[int] = (200,),
        headers: Mapping[str, str] = NO_HEADERS,
        **body: Any,
    ) -> Answer:
        """Send a request and read its answer, of a status in `readable` and at most `largest` bytes.

        Nothing is sent again by itself. A connection that was kept and that the other side closes just as a
        request goes out is no exception to that: the request may have been read. Raises RegistryError, whose
        `arrival` is SURELY_NOT only where no connection was had.
        """
        self.transport.begin(self.account.connect_seconds + self.account.read_seconds)
        try:
            # Without httpx's client, which costs a third of a call and would do nothing here that is wanted.
            request = httpx.Request(
                method, url, headers={**self.headers, **headers}, extensions=self.extensions, **body
            )
            with closing(self.transport.handle_request(request)) as response:
                if response.status_code not in readable:
                    self._refuse(response)
                return Answer(
                    response.status_code,
                    response.headers.get("Content-Type", ""),
                    _read(response, largest),
                    _seconds(response.headers.get("Retry-After", "")),
                )
        except httpx.TimeoutException as error:
            raise TimedOut(arrival=_arrival(error)) from None
        except httpx.TransportError as error:
            words = f"the connection failed ({type(error).__name__})"
            raise Unavailable(words, arrival=_arrival(error)) from None

    def close(self) -> None:
        """Give back the connections."""
        self.transport.close()

    def _refuse(self, response: httpx.Response) -> None:
        """Raise what a status means that brings no answer."""
        status = response.status_code
        words = f"it answered HTTP {status}"
        if status in (401, 403):
            raise Unauthorized(words)
        if status == 429 or (status == 503 and "Retry-After" in response.headers):
            raise Throttled(words, retry_after=_seconds(response.headers.get("Retry-After", "")))
        if status in (408, 504):
            raise TimedOut(words)
        if status >= 500:
            raise Unavailable(words)
        raise Rejected(f"HTTP {status}. Check {self.url_setting}.")


class Service:
    """A service that is used over a transport, and closed with it."""

    transport: Transport

    def close(self) -> None:
        """Give back the connections."""
        self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def account_of(given: Mapping[str, Any]) -> Account:
    """The account that settings describe."""
    return Account(**{name: given[name] for name in Account.__dataclass_fields__ if name in given})


def _arrival(error: httpx.TransportError) -> Arrival:
    """Whether what was to be sent may have arrived, where the connection failed."""
    return Arrival.SURELY_NOT if isinstance(error, BEFORE_SENDING) else Arrival.UNKNOWN


def _seconds(retry_after: str) -> float | None:
    """Read a Retry-After, seconds or a date: at most LONGEST_RETRY_AFTER, or None if it has no sense."""
    try:
        if retry_after.strip().isdecimal():
            seconds = float(retry_after)
        else:
            seconds = parsedate_to_datetime(retry_after).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER)


def _read(response: httpx.Response, largest: int) -> bytes:
    """Read the answer within its limit of size."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise BrokenAnswer("it is compressed, which we did not ask for")
    parts: list[bytes] = []
    size = 0
    for part in response.iter_raw():
        size += len(part)
        if size > largest:
            raise BrokenAnswer(f"it is larger than {largest // 1024 // 1024} MiB")
        parts.append(part)
    return b"".join(parts)
