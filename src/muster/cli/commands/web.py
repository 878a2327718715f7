"""`muster web`."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from muster.cli.ports import listen
from muster.config.log_lines import without_secrets

# Without the query string: it may hold a name somebody searched for.
ACCESS_LOG_LINE = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms'


class Log(Logger):  # type: ignore[misc]
    """What gunicorn logs, without the secrets of mailed links."""

    def atoms(self, *args: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().atoms(*args)
        return {**told, "U": without_secrets(told["U"] or "")}


class Site(BaseApplication):  # type: ignore[misc]
    """Gunicorn, told all it needs by its caller."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIHandler:
        from muster.config.wsgi import application

        return application


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=8, show_default=True, help="Requests a process answers at a time.")
@click.option("--fd", type=int, hidden=True, help="A socket that listens already.")
def command(host: str, port: int, workers: int, threads: int, fd: int | None) -> None:
    """Serve the site. Put a proxy with TLS in front of it before other machines reach it."""
    site = socket.socket(fileno=fd) if fd is not None else listen(host, port)
    Site(
        {
            "bind": [f"fd://{site.fileno()}"],
            "worker_class": "gthread",
            "workers": workers,
            "threads": threads,
            "preload_app": True,
            # How long a process may be silent, not a request: uploads of 256 MiB take what they take.
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 5,
            # A filter with as many values as one takes fits into an address.
            "limit_request_line": 8190,
            "logger_class": Log,
            "accesslog": str(Path(settings.MUSTER_HOME) / "log" / "access.log"),
            "access_log_format": ACCESS_LOG_LINE,
            "errorlog": "-",
            "control_socket_disable": True,
            "proc_name": "muster web",
        }
    ).run()
