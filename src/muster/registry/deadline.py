"""One time limit for a whole call: from the first try to connect to the last byte of the answer.

A read timeout alone limits each wait for the next bytes, so that a server that trickles could hold a call
for ever. Here no wait is longer than what remains of the call. The limit is that of the calling thread, in
which a call is made from its beginning to its end.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore
import httpx


@cache
def _authorities() -> ssl.SSLContext:
    """Whom to believe who a server is. To read them takes 0.05 s, once for a process."""
    return httpx.create_ssl_context(trust_env=False)


class DeadlineTransport(httpx.HTTPTransport):
    """Speaks HTTP like its parent, and gives a call up at its deadline, with httpx.TimeoutException."""

    def __init__(self, *, limits: httpx.Limits) -> None:
        super().__init__(verify=_authorities(), limits=limits, trust_env=False)
        self._deadline = _Deadline()
        # There is no public way to say what connections are made of; a test would see this one end.
        self._pool._network_backend = _Backend(self._deadline)

    def begin(self, seconds: float) -> None:
        """Let the call that this thread makes next take so long in all."""
        self._deadline.at = time.monotonic() + seconds


class _Deadline(threading.local):
    at = float("inf")

    def of(self, timeout: float | None, error: type[httpcore.TimeoutException]) -> float | None:
        """How long to wait at most, where `timeout` was asked for. Raises `error` where no time remains."""
        remains = self.at - time.monotonic()
        if remains <= 0:
            raise error
        if remains == float("inf"):
            return timeout
        return remains if timeout is None else min(timeout, remains)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: _Deadline) -> None:
        self.inner = httpcore.SyncBackend()
        self.deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        timeout = self.deadline.of(timeout, httpcore.ConnectTimeout)
        stream = self.inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self.deadline)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self.inner = inner
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, self.deadline.of(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, self.deadline.of(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        timeout = self.deadline.of(timeout, httpcore.ConnectTimeout)
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, timeout), self.deadline)

    def close(self) -> None:
        self.inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)
