"""Connections that can be broken off, as a network or a server that dies breaks them."""

from __future__ import annotations

import asyncio
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

_ABORT = "abort_connection"


class Breakable(H11Protocol):
    """The server's end of a connection; it shows the application how to break it off."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with a new connection."""
        super().connection_made(cast(asyncio.Transport, transport))
        self.app_state = {**self.app_state, _ABORT: self.transport.abort}


async def break_off(request: Request) -> Response:
    """Close the connection without an answer; what is returned reaches nobody."""
    request.scope["state"][_ABORT]()
    # The server leaves out, and says nothing of, the answer to a client that it knows to be gone.
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response()
