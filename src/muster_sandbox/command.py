"""The command: reads the options, takes the port, serves until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from muster_sandbox.alerts.faults import AlertFaults
from muster_sandbox.behavior import Faults
from muster_sandbox.gateway.faults import GatewayFaults
from muster_sandbox.identifiers import DEFAULT_POPULATION, LARGEST_POPULATION
from muster_sandbox.settings import Settings

DEFAULT_USER = "sandbox"
DEFAULT_PASSWORD = "sandbox"  # noqa: S105 - it guards made-up people


class Refusal(Exception):
    """The sandbox cannot start; the message says why and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sandbox registry; returns 0 when it was stopped, 2 when it could not start."""
    options = _parser().parse_args(argv)
    try:
        settings = _settings(options)
        listening = _listen(options.host, options.port)
        with listening:
            return _serve(settings, listening)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="muster sandbox",
        description="A registry of made-up producers that answers as the producer registry does.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    add("--port", type=int, default=8901, help="port to listen on; 0 takes a free one (default %(default)s)")
    add("--home", type=Path, required=True, help="folder for the ledger")
    add("--seed", type=int, default=1, help="another seed is another population (default %(default)s)")
    add(
        "--population",
        type=int,
        default=DEFAULT_POPULATION,
        help="how many individuals there are (default %(default)s)",
    )
    add("--today", default="", help="the day as of which to answer, YYYY-MM-DD (default: the real day)")
    add(
        "--life",
        type=float,
        default=0,
        help="how many events a producer has in a year: licenses end, people move (default %(default)s)",
    )
    add("--latency-ms", type=float, default=0, help="how long each answer takes (default %(default)s)")
    add("--faults", default="", help="probabilities of faults, such as timeout=0.01,error=0.01")
    add("--alert-faults", default="", help="the same for the alerts service, such as unavailable=0.1")
    add("--gateway-faults", default="", help="the same for the filing gateway, such as dropped=0.05")
    add(
        "--decide-after",
        type=float,
        default=3,
        help="seconds after which a filing is decided; 0 is at once (default %(default)s)",
    )
    add("--inline-attachments", action="store_true", help="send alerts reports inside the answer, in base64")
    add(
        "--timeout-hold",
        type=float,
        default=60,
        help="seconds for which a request that times out is held (default %(default)s)",
    )
    add("--user", default=os.environ.get("MUSTER_SANDBOX_USER", DEFAULT_USER))
    add(
        "--password",
        default=os.environ.get("MUSTER_SANDBOX_PASSWORD", DEFAULT_PASSWORD),
        help="better given as MUSTER_SANDBOX_PASSWORD, since others can see a command's options",
    )
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    # Imported late so that --help and a taken port answer at once.
    from muster_sandbox.career import LAST_DAY
    from muster_sandbox.gateway.operations import LONGEST_WAIT
    from muster_sandbox.life import HIGHEST_RATE

    try:
        faults = Faults.parse(options.faults)
        alert_faults = AlertFaults.parse(options.alert_faults)
        gateway_faults = GatewayFaults.parse(options.gateway_faults)
        today = date.fromisoformat(options.today) if options.today else None
    except ValueError as problem:
        raise Refusal(f"The sandbox registry cannot start: {problem}.") from None
    if today is not None and today <= LAST_DAY:
        first = LAST_DAY + timedelta(days=1)
        raise Refusal(f"The sandbox registry cannot start: --today must be {first} or later.")
    if not 1 <= options.population <= LARGEST_POPULATION:
        raise Refusal(
            f"The sandbox registry cannot start: --population must be between 1 and {LARGEST_POPULATION}."
        )
    if not 0 <= options.life <= HIGHEST_RATE:
        raise Refusal(
            f"The sandbox registry cannot start: --life must be between 0 and {HIGHEST_RATE:g} events a year."
        )
    if options.latency_ms < 0 or options.timeout_hold < 0:
        raise Refusal("The sandbox registry cannot start: times must not be negative.")
    if not 0 <= options.decide_after <= LONGEST_WAIT:
        raise Refusal(
            f"The sandbox registry cannot start: --decide-after must be 0 to {LONGEST_WAIT} seconds."
        )
    return Settings(
        home=options.home,
        user=options.user,
        password=options.password,
        seed=options.seed,
        population=options.population,
        today=today,
        life=options.life,
        latency=options.latency_ms / 1000,
        timeout_hold=options.timeout_hold,
        faults=faults,
        alert_faults=alert_faults,
        gateway_faults=gateway_faults,
        decide_after=options.decide_after,
        inline_attachments=options.inline_attachments,
    )


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise Refusal(f"The sandbox registry cannot listen on {host}:{port}: --port must be 0 to 65535.")
    try:
        listening = socket.create_server((host, port), backlog=2048)
        # Accepted sockets inherit it; without it answers wait 40 ms for a delayed acknowledgment.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as problem:
        number = problem.errno or 0
        reason = os.strerror(number) if number > 0 else problem.strerror
        raise Refusal(
            f"The sandbox registry cannot listen on {host}:{port} ({reason}). "
            "Stop what uses the port, or choose another with --port (0 takes a free one)."
        ) from None


def _serve(settings: Settings, listening: socket.socket) -> int:
    import uvicorn

    from muster_sandbox.app import application
    from muster_sandbox.connections import Breakable
    from muster_sandbox.ledger import HomeInUse
    from muster_sandbox.population import warm
    from muster_sandbox.registry import Registry

    try:
        warm()
    except OSError as problem:
        raise Refusal(
            f"The sandbox registry cannot read {problem.filename}, one of the project's rules. "
            "Run it from a complete checkout."
        ) from None
    try:
        registry = Registry(settings)
    except HomeInUse:
        raise Refusal(
            f"Another sandbox registry already uses {settings.home}. Stop it, or give another --home."
        ) from None
    except OSError as problem:
        raise Refusal(f"The sandbox registry cannot use {settings.home} ({problem.strerror}).") from None

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            host, port = listening.getsockname()[:2]
            sys.stdout.write(f"sandbox listening on http://{host}:{port}\n")
            sys.stdout.flush()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            registry.stopping.set()
            await super().shutdown(sockets)

    # uvicorn, when it is done, raises the signal that stopped it once more: without these, a traceback.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _exit)
    config = uvicorn.Config(
        application(registry),
        http=Breakable,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    asyncio.run(Server(config).serve(sockets=[listening]))
    return 0


def _exit(_number: int, _frame: object) -> None:
    raise SystemExit(0)
