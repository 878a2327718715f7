"""Child processes that are kept running, and stopped in order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from types import FrameType

from muster.cli.lifetime import PARENT
from muster.config.errors import CannotDoIt

TICK = 0.1
LONGEST_BACKOFF = 30.0
STABLE_SECONDS = 60.0
LARGEST_LOG = 16 * 1024 * 1024


@dataclass(kw_only=True)
class Part:
    """One child: what to run, where it writes to (its parent's output if None), how long it may take to stop.

    It inherits `sockets`, which stay open here, so that callers wait while it is started again. A part with
    `own_session` does not get the Ctrl-C of the terminal: its parent tells it when to stop.
    """

    name: str
    command: Sequence[str]
    log: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    sockets: tuple[socket, ...] = ()
    stop_seconds: float = 30.0
    own_session: bool = True

    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    backoff: float = field(default=1.0, init=False)
    start_at: float | None = field(default=None, init=False)

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def where(self) -> str:
        return f" ({self.log} says why)" if self.log else ""


class Stopped(Exception):
    """Somebody asked to stop."""


class Supervisor:
    """Starts parts, starts them again when they die, and stops all of them in the order given."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.parts: list[Part] = []
        self.stops_asked = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self.stops_asked += 1

    def check(self) -> None:
        """Raise Stopped if somebody asked to stop."""
        if self.stops_asked:
            raise Stopped

    def start(self, part: Part) -> None:
        """Start a part and keep it."""
        self.parts.append(part)
        self._launch(part)

    def wait_until(self, part: Part, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until a part is of use. Raises CannotDoIt when it dies or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if not part.runs:
                raise CannotDoIt(f"The {part.name} does not start{part.where}.")
            if time.monotonic() > deadline:
                raise CannotDoIt(f"The {part.name} is not ready after {seconds:.0f} s{part.where}.")
            time.sleep(TICK)

    def watch(self) -> None:
        """Keep all parts running until somebody asks to stop."""
        while not self.stops_asked:
            for part in self.parts:
                self._look_after(part)
            time.sleep(TICK)

    def stop(self, *stages: Collection[str]) -> None:
        """Stop the parts stage by stage, those of a stage together; asked once more, by force."""
        asked = max(self.stops_asked, 1)
        for names in stages:
            parts = [part for part in self.parts if part.name in names and part.runs]
            for part in parts:
                _process(part).terminate()
            deadline = time.monotonic() + max((part.stop_seconds for part in parts), default=0)
            while left := [part for part in parts if part.runs]:
                if self.stops_asked > asked or time.monotonic() > deadline:
                    for part in left:
                        self.say(f"The {part.name} is stopped by force.")
                        _kill(part)
                time.sleep(TICK / 2)

    def _look_after(self, part: Part) -> None:
        now = time.monotonic()
        if part.start_at is not None:
            if now >= part.start_at:
                part.start_at = None
                self._launch(part)
            return
        if part.process is None or part.runs:
            return
        if now - part.started > STABLE_SECONDS:
            part.backoff = 1.0
        code = part.process.returncode
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        self.say(f"The {part.name} {how}{part.where}; starting it again in {part.backoff:.0f} s.")
        part.start_at = now + part.backoff
        part.backoff = min(part.backoff * 2, LONGEST_BACKOFF)

    def _launch(self, part: Part) -> None:
        output = None
        if part.log:
            part.log.parent.mkdir(parents=True, exist_ok=True)
            if part.log.exists() and part.log.stat().st_size > LARGEST_LOG:
                part.log.replace(part.log.with_suffix(".log.1"))
            output = part.log.open("ab")
        try:
            part.process = subprocess.Popen(
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | part.environment | {PARENT: str(os.getpid())},
                pass_fds=[each.fileno() for each in part.sockets],
                start_new_session=part.own_session,
            )
        finally:
            if output:
                output.close()
        part.started = time.monotonic()


def _process(part: Part) -> subprocess.Popen[bytes]:
    assert part.process is not None  # noqa: S101
    return part.process


def _kill(part: Part) -> None:
    process = _process(part)
    if part.own_session:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
