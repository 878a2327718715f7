"""One turn in a process of its own: `python -m bench.turn CONTESTANT PARAMS`, figures as JSON on stdout.

A contestant is a function `module.function(clock, **params)`; only what runs in a step of the clock counts.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from muster.cli.lifetime import PARENT, end_with_parent
from muster.config.errors import CannotDoIt

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(slots=True)
class Clock:
    """Seconds by step, and the processors' seconds for all steps together."""

    session: psutil.Process
    steps: dict[str, float] = field(default_factory=dict)
    cpu: float = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the time of a block towards a step."""
        began, used = time.perf_counter(), self._used()
        yield
        self.steps[name] = self.steps.get(name, 0.0) + time.perf_counter() - began
        self.cpu += self._used() - used

    def _used(self) -> float:
        session = self.session.cpu_times()
        return time.process_time() + session.user + session.system


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds by step, and the peak memory (MB) of a turn's process and of its session with the database.

    A session's memory includes the pages of PostgreSQL's shared cache that it touched. `cpu` is what both
    processes used together: what a turn would take if nobody else was on the machine and nothing waited.
    """

    steps: dict[str, float]
    cpu: float
    process_mb: int
    session_mb: int | None

    @property
    def seconds(self) -> float:
        return sum(self.steps.values())


def take(contestant: str, **params: Any) -> Turn:
    """Take one turn in a new process. Raises CannotDoIt where it fails."""
    # The checkout that is measured is this one, whichever is installed.
    path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "src")])
    environment = os.environ | {"PYTHONPATH": path, PARENT: str(os.getpid())}
    command = [sys.executable, "-m", "bench.turn", contestant, json.dumps(params)]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        log = Path(os.environ["MUSTER_HOME"]) / "log" / "bench.log"
        log.parent.mkdir(exist_ok=True)
        log.write_text(done.stdout + done.stderr, "utf-8")
        raise CannotDoIt(f"The turn of {contestant} failed; {log} says why.")
    return Turn(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Take the turn that the command line names."""
    end_with_parent()
    module, _, function = sys.argv[1].partition(".")

    import django

    django.setup()

    from django.db import connection

    from muster.cli.roles import as_owner

    # Peers set sequences, which only an owner may.
    with as_owner() if module.endswith("_peer") else nullcontext():
        connection.ensure_connection()
        session = connection.connection.info.backend_pid
        clock = Clock(psutil.Process(session))
        getattr(import_module(f"bench.{module}"), function)(clock, **json.loads(sys.argv[2]))
        session_mb = _peak(session)
    figures = {
        "steps": clock.steps,
        "cpu": clock.cpu,
        "process_mb": _own_peak(),
        "session_mb": session_mb,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def _own_peak() -> int:
    # What the system counts for a process begins with the peak of the one that started it; /proc does not.
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return _peak(os.getpid()) or (kilobytes // 1024 if sys.platform == "linux" else kilobytes // 1024**2)


def _peak(pid: int) -> int | None:
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return None
    return int(found[1]) // 1024 if found else None


if __name__ == "__main__":
    main()
