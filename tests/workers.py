"""Real worker processes on the test's own database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
