"""The embedded PostgreSQL, shared by every muster process of one MUSTER_HOME.

Each process that uses the database holds a shared lock on `postgres/users.lock`. A small guard process
(`python -m muster.cli.postgres HOME`) runs the server, starts it again if it dies, and stops it when it can
have that lock alone: when nobody is left, however they went. There is no count to get wrong.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from muster.cli.cluster import START_SECONDS, STOP_SECONDS, Cluster
from muster.config.database import database_url
from muster.config.errors import CannotDoIt

READY = "ready"
BUSY = "another guard is at work"
SECONDS_BETWEEN_LOOKS = 0.3

_held: dict[Path, IO[bytes]] = {}


def ensure_database(home: Path, *, durable: bool = True) -> str:
    """Return the URL of a database that answers, for as long as this process lives.

    That is DATABASE_URL where it is set. Otherwise the embedded server of `home` is started, or joined where
    another muster process has started it. Raises CannotDoIt when it does not start.
    """
    url = database_url(home)
    if os.environ.get("DATABASE_URL"):
        return url
    cluster = Cluster(home, durable)
    if home not in _held:
        cluster.folder.mkdir(parents=True, exist_ok=True)
        _held[home] = _open(cluster, "users.lock")
        # Waits out a guard that is just stopping the server.
        fcntl.flock(_held[home], fcntl.LOCK_SH)
    deadline = time.monotonic() + START_SECONDS
    while not cluster.answers():
        said = _start_guard(cluster)
        if said not in {READY, BUSY}:
            raise CannotDoIt(said)
        if time.monotonic() > deadline:
            raise CannotDoIt(f"PostgreSQL did not answer for {START_SECONDS} s; {cluster.log} says why.")
        time.sleep(0 if said == READY else SECONDS_BETWEEN_LOOKS)
    return url


def leave_database(home: Path) -> None:
    """Say that this process needs the embedded server no longer; waits for it to stop if nobody else does."""
    users = _held.pop(home, None)
    if users is None:
        return
    last = _lock_alone(users)
    users.close()
    if not last:
        return
    deadline = time.monotonic() + STOP_SECONDS
    with _open(Cluster(home), "guard.lock") as guard:
        while not _lock_alone(guard) and time.monotonic() < deadline:
            time.sleep(0.05)


def guard(home: Path, *, durable: bool) -> None:
    """Run the server until its last user has gone. Says on stdout, in one line, how starting it went."""
    cluster = Cluster(home, durable)
    lock = _open(cluster, "guard.lock")
    if not _lock_alone(lock):
        _say(BUSY)
        return
    try:
        cluster.set_up()
        server = cluster.start()
    except CannotDoIt as problem:
        _say(str(problem))
        return
    _say(READY)
    with _open(cluster, "users.lock") as users:
        while not _lock_alone(users):
            if server.poll() is not None:
                server = cluster.start()
            time.sleep(SECONDS_BETWEEN_LOOKS)
        cluster.stop(server)
        cluster.clean_up()


def _start_guard(cluster: Cluster) -> str:
    command = [sys.executable, "-m", "muster.cli.postgres", str(cluster.home)]
    cluster.log.parent.mkdir(parents=True, exist_ok=True)
    with cluster.log.open("ab") as log:
        process = subprocess.Popen(
            command if cluster.durable else [*command, "--not-durable"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            start_new_session=True,
            text=True,
        )
    assert process.stdout is not None  # noqa: S101
    with process.stdout:
        said = process.stdout.readline().strip()
    if said != READY:
        process.wait()
    else:
        # It outlives this process, which must not be told off for leaving a child behind.
        process.returncode = 0
    return said or f"The guard of PostgreSQL ended; {cluster.log} says why."


def _open(cluster: Cluster, name: str) -> IO[bytes]:
    return (cluster.folder / name).open("ab")


def _lock_alone(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    # The one who asked reads one line and may be gone long before the guard.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    guard(Path(sys.argv[1]), durable="--not-durable" not in sys.argv[2:])
