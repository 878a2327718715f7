"""A local SMTP server that takes every mail; as a program it tells its port, and at last how many it took."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


class Sink:
    """Takes mails and counts them."""

    def __init__(self) -> None:
        self.taken = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken += 1
        return "250 OK"


class _AnyPort(Controller):
    """On a port that is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@dataclass(slots=True)
class Server:
    """A sink in a process of its own; how many mails it took is known when it has ended."""

    port: int
    taken: int = 0


@contextmanager
def mail_sink() -> Iterator[Server]:
    """A sink that does not outlive the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.mail_sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        server = Server(int(process.stdout.readline()))
        try:
            yield server
        finally:
            process.stdin.close()
            server.taken = int(process.stdout.readline() or 0)


def main() -> None:
    """Serve until the standard input ends."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    sink = Sink()
    controller = _AnyPort(sink, hostname=HOST, port=0)
    controller.start()
    sys.stdout.write(f"{controller.port}{os.linesep}")
    sys.stdout.flush()
    sys.stdin.read()
    controller.stop()
    sys.stdout.write(f"{sink.taken}{os.linesep}")


if __name__ == "__main__":
    main()
