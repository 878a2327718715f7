"""Ports of this machine: listening on one, and finding one that is free."""

from __future__ import annotations

import errno
import socket

from muster.config.errors import CannotDoIt

PORTS_TO_TRY = 50


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on this port. Raises CannotDoIt when that is not possible."""
    try:
        return socket.create_server((host, port), backlog=1024)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise CannotDoIt(f"Port {port} is taken by another program; choose one with --port.") from None
        raise CannotDoIt(f"Cannot listen on {host}, port {port}: {problem.strerror}.") from None


def listen_near(port: int) -> socket.socket:
    """Return a socket that listens on loopback, on this port or the first free one after it."""
    for candidate in range(port, min(port + PORTS_TO_TRY, 65536)):
        if _localhost_answers(candidate):
            continue
        try:
            return socket.create_server(("127.0.0.1", candidate), backlog=1024)
        except OSError:
            continue
    raise CannotDoIt(f"Ports {port} to {port + PORTS_TO_TRY - 1} are all taken; choose another with --port.")


def _localhost_answers(port: int) -> bool:
    # A program that listens on ::1 only leaves 127.0.0.1 free, yet browsers would reach it by `localhost`.
    try:
        with socket.create_connection(("::1", port), timeout=0.2):
            return True
    except OSError:
        return False
