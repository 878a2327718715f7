"""The site as it is served: `muster web` with what it takes by default, on a free port of loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from muster.cli.lifetime import PARENT
from muster.config.errors import CannotDoIt

PATIENCE = 60


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The site, served as `muster web` serves it."""
    (home / "log").mkdir(exist_ok=True)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as door:
        process = subprocess.Popen(
            [sys.executable, "-m", "muster.cli", "web", "--fd", str(door.fileno())],
            env=os.environ | {PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[door.fileno()],
        )
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        try:
            _await(url, process)
            yield url
        finally:
            process.terminate()
            process.wait()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/healthz", timeout=PATIENCE).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise CannotDoIt("The site did not start.")
