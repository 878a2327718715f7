"""What takes long to make and is the same each time: made once a run, by whichever process needs it first."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from muster.config.database import EMBEDDED_DATABASE, data_folder
from tests.cli.process import muster, wait_until

FOLDER = Path(os.environ["MUSTER_HOME"])
"""That of the run, which its processes share."""


def template_database() -> str | None:
    """The name of a database of the run's server that is up to date; None where the server is another's."""
    if "DATABASE_URL" in os.environ:
        return None
    with _once("template") as made:
        if not made.exists():
            _migrate(FOLDER)
            made.touch()
    return EMBEDDED_DATABASE


def copy_of_migrated_home(to: Path) -> None:
    """Fill a folder with a home whose database is up to date, and at rest."""
    ready = FOLDER / "migrated"
    with _once("migrated-home") as made:
        if not made.exists():
            ready.mkdir()
            _migrate(ready)
            # The server outlives the command by a moment, and files that change cannot be copied.
            running = data_folder(ready) / "postmaster.pid"
            wait_until(lambda: not running.exists(), "the server did not stop")
            made.touch()
    subprocess.run(["cp", "-a", f"{ready}/.", to], check=True)


def _migrate(home: Path) -> None:
    done = muster(home, "migrate")
    assert done.returncode == 0, done.stderr


@contextmanager
def _once(name: str) -> Iterator[Path]:
    """Keep other processes out, and give the file that says whether it was made."""
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield FOLDER / f"{name}.made"
