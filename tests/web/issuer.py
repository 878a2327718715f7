"""An OpenID Connect issuer that runs on loopback: it says of whoever comes what the test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

CLIENT_ID, SECRET = "muster", "a secret of this test, long enough for a key"


@dataclass
class Issuer:
    """Where it is, what it tells of the person, and what it was asked; `error` is told instead of a code."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    is_broken: bool = False
    asked: list[str] = field(default_factory=list)
    nonce: str = ""

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any] | str]:
        """The status and the JSON, or the address that the browser is sent to."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        if path == "/authorize":
            told = {"error": self.error} if self.error else {"code": "a-code"}
            back = {**told, "state": query["state"][0]}
            return 302, f"{query['redirect_uri'][0]}?{urlencode(back)}"
        if self.is_broken:
            return 500, {}
        if path == "/token":
            now = int(time.time())
            claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60, **self.person}
            return 200, {
                "access_token": "an-access-token",
                "token_type": "Bearer",
                "id_token": jwt.encode(claims, SECRET, "HS256"),
            }
        return (200, self.person) if path == "/userinfo" else (404, {})


@contextmanager
def issuer() -> Iterator[Issuer]:
    """Run an issuer."""
    one = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self.tell(*one.answer(parts.path, parse_qs(parts.query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self.tell(*one.answer(urlsplit(self.path).path, parse_qs(body)))

        def tell(self, status: int, told: dict[str, Any] | str) -> None:
            self.send_response(status)
            if isinstance(told, str):
                self.send_header("Location", told)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"" if isinstance(told, str) else json.dumps(told).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
