"""Running the muster command as people do: as a process, in a home of its own."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

PATIENCE = 200
UP = "Press Ctrl-C to stop."


def environment(home: Path, **variables: str) -> dict[str, str]:
    """The environment of a person who has set nothing but these."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MUSTER_", "DATABASE_"))
    }
    return kept | {"MUSTER_HOME": str(home)} | variables


def muster(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "muster.cli", *arguments],
        env=environment(home, **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class Running:
    """A command that keeps running; reads its output line by line."""

    def __init__(self, home: Path, *command: str, **variables: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *command],
            env=environment(home, **variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def wait_for(self, words: str) -> str:
        """Return the first line that holds these words; fails with all that was said if none comes."""
        deadline = time.monotonic() + PATIENCE
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError("\n".join([f"never said {words!r}; said:", *self.said]))

    def family(self) -> list[psutil.Process]:
        """The process and all it has started."""
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]

    def interrupt(self) -> int:
        """Press Ctrl-C, and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def kill(self) -> None:
        """Kill it, as a machine that runs out of memory does."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)


@contextmanager
def running(home: Path, *command: str, **variables: str) -> Iterator[Running]:
    """Run a command, and stop it whatever happens."""
    started = Running(home, *command, **variables)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.interrupt()


@contextmanager
def up(home: Path, port: int, *options: str) -> Iterator[Running]:
    """Run `muster up` and wait until it says it is up."""
    command = ("-m", "muster.cli", "up", "--port", str(port), *options)
    with running(home, *command) as started:
        started.wait_for(UP)
        yield started


def still_alive(processes: list[psutil.Process]) -> list[str]:
    """Those that do not end within the time given to them."""
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    return [command_of(process) for process in alive]


def command_of(process: psutil.Process) -> str:
    """Its command line; nothing where it has ended since somebody listed it."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def wait_until(true: object, what: str) -> None:
    """Wait until a function returns something true."""
    assert callable(true)
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def get(url: str) -> tuple[int, str]:
    """Status and body of a page."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except OSError as problem:
        return 0, str(problem)
