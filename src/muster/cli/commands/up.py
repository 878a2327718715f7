"""`muster up`: everything on this machine, kept running until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from socket import socket
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

import click
from django.conf import settings
from django.db import connection

from muster.access.models import Organization
from muster.cli.commands.sandbox import PORT as SANDBOX_PORT
from muster.cli.lifetime import PARENT
from muster.cli.ports import listen_near
from muster.cli.postgres import ensure_database, leave_database
from muster.cli.processes import Part, Stopped, Supervisor
from muster.cli.roles import unguarded
from muster.cli.schema import migrate, require_answer
from muster.config.demo_logins import demo_logins
from muster.config.errors import CannotDoIt

READY_SECONDS = 180
SANDBOX_ALERTS = "/pdb-alerts-industry-services/services/industry-ws"
SANDBOX_GATEWAY = "/gateway/v1"
# Dollars a watched producer and month, so that the pages of a demo have a cost to show.
DEMO_PRICE = "0.15"


@click.command()
@click.option(
    "--port", default=8000, show_default=True, help="Port of the site; if taken, the next free one."
)
@click.option(
    "--demo/--no-demo",
    default=True,
    show_default=True,
    help="Fill an empty database with a demo, and show its logins.",
)
def command(port: int, demo: bool) -> None:
    """Start everything: database, sandbox registry, worker and site. Ctrl-C stops it all."""
    supervisor = Supervisor(_say)
    home = Path(settings.MUSTER_HOME)
    only_one = _be_the_only_one(home)
    try:
        _start(supervisor, home, port=port, demo=demo)
        supervisor.watch()
    except Stopped:
        pass
    finally:
        if any(part.runs for part in supervisor.parts):
            _say("Stopping ...")
        supervisor.stop(["site"], ["worker"], ["sandbox registry"])
        connection.close()
        leave_database(home)
        only_one.close()
    _say("Stopped.")


def _start(supervisor: Supervisor, home: Path, *, port: int, demo: bool) -> None:
    _say(f"Muster keeps its data in {home}")
    ensure_database(home)
    require_answer()
    supervisor.check()
    applied = migrate()
    # What runs from here on has no need of the owner, and shall not know how to be it.
    os.environ.pop("MUSTER_OWNER_DATABASE_URL", None)
    _say("Database ready" + (f" ({applied} migrations applied)" if applied else ""))
    if problem := unguarded():
        _say(problem)

    # Names for the children; none of them is set where the operator has set it.
    environment: dict[str, str] = {}
    if "MUSTER_REGISTRY_URL" not in os.environ:
        sandbox = _start_sandbox(supervisor, home)
        environment["MUSTER_REGISTRY_URL"] = f"{sandbox}/pdb-xml-reports"
        if "MUSTER_ALERTS_URL" not in os.environ:
            environment["MUSTER_ALERTS_URL"] = f"{sandbox}{SANDBOX_ALERTS}"
        if "MUSTER_GATEWAY_URL" not in os.environ:
            environment["MUSTER_GATEWAY_URL"] = f"{sandbox}{SANDBOX_GATEWAY}"
    supervisor.check()
    site = listen_near(port)
    site_port = site.getsockname()[1]
    if site_port != port:
        _say(f"Port {port} is taken by another program; using {site_port}")
    if "MUSTER_SITE_URL" not in os.environ:
        environment["MUSTER_SITE_URL"] = f"http://localhost:{site_port}"

    if demo and not Organization.objects.exists():
        _make_demo(supervisor, environment)
    logins = demo_logins() if demo else []
    if logins and "MUSTER_DEMO" not in os.environ:
        environment["MUSTER_DEMO"] = "1"
    if logins and "MUSTER_ALERTS_MONTHLY_PRICE" not in os.environ:
        environment["MUSTER_ALERTS_MONTHLY_PRICE"] = DEMO_PRICE
    supervisor.check()

    before = _newest_worker()
    worker = _part("worker", home, ["worker"], environment)
    supervisor.start(worker)
    web = _part("site", home, ["web", "--fd", str(site.fileno())], environment, (site,))
    supervisor.start(web)
    supervisor.wait_until(worker, lambda: _newest_worker() > before, seconds=READY_SECONDS)
    _say("Worker ready")
    address = f"http://127.0.0.1:{site_port}"
    supervisor.wait_until(web, lambda: _answers(f"{address}/healthz"), seconds=READY_SECONDS)
    _say(f"\nMuster is at {environment.get('MUSTER_SITE_URL') or os.environ['MUSTER_SITE_URL']}")
    _show(logins)
    _say("Press Ctrl-C to stop.")


def _be_the_only_one(home: Path) -> IO[bytes]:
    lock = (home / "up.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise CannotDoIt(
            f"Muster is up already in {home}; stop it first, or set another MUSTER_HOME."
        ) from None
    return lock


def _start_sandbox(supervisor: Supervisor, home: Path) -> str:
    with listen_near(SANDBOX_PORT) as found:
        port = found.getsockname()[1]
    sandbox = _part("sandbox registry", home, ["sandbox", "--port", str(port)], {})
    supervisor.start(sandbox)
    address = f"http://127.0.0.1:{port}"
    supervisor.wait_until(sandbox, lambda: _answers(address), seconds=READY_SECONDS)
    _say("Sandbox registry ready" + (f" (on port {port})" if port != SANDBOX_PORT else ""))
    return address


def _part(
    name: str,
    home: Path,
    command: Sequence[str],
    environment: dict[str, str],
    sockets: tuple[socket, ...] = (),
) -> Part:
    return Part(
        name=name,
        command=[sys.executable, "-m", "muster.cli", *command],
        log=home / "log" / f"{command[0]}.log",
        environment=environment,
        sockets=sockets,
    )


def _make_demo(supervisor: Supervisor, environment: dict[str, str]) -> None:
    _say("Making a demo organization ...")
    made = subprocess.run(
        [sys.executable, "-m", "muster.cli", "init", "--demo", "--json"],
        env=os.environ | environment | {PARENT: str(os.getpid())},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    supervisor.check()
    if made.returncode:
        raise CannotDoIt(made.stderr.strip() or "The demo organization cannot be made.")


def _newest_worker() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM procrastinate_workers")
        return int(cursor.fetchone()[0])


def _answers(address: str) -> bool:
    """Return whether a server answers sensibly; one that asks for a password does."""
    try:
        with urlopen(address, timeout=5) as answer:  # noqa: S310  always http
            return bool(answer.status == 200)
    except URLError as problem:
        return getattr(problem, "code", 500) < 500
    except OSError:
        return False


def _show(logins: list[dict[str, str]]) -> None:
    if not logins:
        return
    _say("\nDemo logins:")
    for login in logins:
        _say(f"  {login['email']:<32} {login['password']:<24} {login.get('role', '')}")
    _say("")


def _say(line: str) -> None:
    click.echo(line)
