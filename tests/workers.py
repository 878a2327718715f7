"""Real worker processes on the test's own database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.db import connection


def url_of_this_database() -> str:
    """The test's own database, as DATABASE_URL names it."""
    found = {name: quote(str(value), safe="") for name, value in connection.get_connection_params().items()}
    place = "&".join(f"{name}={found[name]}" for name in ("password", "host", "port") if name in found)
    return f"postgresql://{found['user']}@/{found['dbname']}?{place}"


class Worker:
    """A real worker process for some queues."""

    def __init__(self, *queues: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "muster.cli", "worker", "--queues", ",".join(queues)],
            env={
                **os.environ,
                "DATABASE_URL": url_of_this_database(),
                "MUSTER_LOG_LEVEL": "ERROR",
                **environment,
            },
        )

    def kill(self) -> None:
        """Take it down as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def worker(*queues: str, **environment: str) -> Iterator[Worker]:
    """A worker that does not outlive the block."""
    started = Worker(*queues, **environment)
    try:
        yield started
    finally:
        started.kill()


class Nursery:
    """Brings up workers within an instant, each with a name that its sessions with the database bear."""

    def __init__(self, *queues: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker_nursery.py")), ",".join(queues)],
            env={
                **os.environ,
                "DATABASE_URL": url_of_this_database(),
                "MUSTER_LOG_LEVEL": "ERROR",
                **environment,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running: dict[str, int] = {}

    def start(self, name: str) -> None:
        """Have a worker more."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()
        self.running[name] = int(self.process.stdout.readline())

    def kill(self, name: str) -> None:
        """Take one down as a power cut would."""
        pid = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """Take all down."""
        for name in list(self.running):
            self.kill(name)
        self.process.kill()
        self.process.communicate()


@contextmanager
def nursery(*queues: str, **environment: str) -> Iterator[Nursery]:
    """A nursery of which no worker outlives the block."""
    opened = Nursery(*queues, **environment)
    try:
        yield opened
    finally:
        opened.close()
