"""A mail server that takes all and keeps nothing: `python -m bench.mail_server` tells its port.

On SIGTERM it tells how many mails it took.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys


class Taker(asyncio.Protocol):
    """One connection."""

    taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._held = b""
        self._in_text = False
        transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        self._held += data
        while self._held:
            end = b"\r\n.\r\n" if self._in_text else b"\r\n"
            piece, found, rest = self._held.partition(end)
            if not found:
                return
            self._held = rest
            self._transport.write(self._answer(piece))

    def _answer(self, piece: bytes) -> bytes:
        if self._in_text:
            self._in_text = False
            Taker.taken += 1
            return b"250 taken\r\n"
        command = piece[:4].upper()
        if command == b"DATA":
            self._in_text = True
            return b"354 go on\r\n"
        return b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n"


async def main() -> None:
    """Serve until told to end."""
    server = await asyncio.get_running_loop().create_server(Taker, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    sys.stdout.write(f"{Taker.taken}\n")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
