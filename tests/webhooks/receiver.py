"""A real HTTP server that keeps the calls it gets, checks their signatures, and answers as it is told to."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One call, as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As the documentation tells receivers to check it."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        expected = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        given = [one.removeprefix("v1,") for one in self.headers["webhook-signature"].split()]
        return any(hmac.compare_digest(expected, one) for one in given)


Answer = tuple[int, bytes, dict[str, str]]


def well(_: Received) -> Answer:
    """Take everything."""
    return 204, b"", {}


class Receiver:
    """`answer(call)` may be replaced by a test; it may also wait before it returns."""

    def __init__(self) -> None:
        self.calls: list[Received] = []
        self.answer: Callable[[Received], Answer] = well
        self.under_way = self.most_at_once = 0
        self.lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                call = Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                with receiver.lock:
                    receiver.calls.append(call)
                    receiver.under_way += 1
                    receiver.most_at_once = max(receiver.most_at_once, receiver.under_way)
                try:
                    status, told, headers = receiver.answer(call)
                finally:
                    with receiver.lock:
                        receiver.under_way -= 1
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(told)))
                    self.end_headers()
                    self.wfile.write(told)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def types(self) -> list[str]:
        return [call.told["type"] for call in self.calls]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
