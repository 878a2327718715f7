"""The whole database to one file and back, with PostgreSQL's own programs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from muster.cli.cluster import programs
from muster.config.database import django_databases, owner_url
from muster.config.errors import CannotDoIt


def write_dump(file: Path) -> None:
    """Write the database, as of one moment, to a file that only its owner can read. Raises CannotDoIt."""
    if file.exists():
        raise CannotDoIt(f"{file} is there already; name another file.")
    partial = file.with_name(f".{file.name}.partial")
    try:
        partial.touch(mode=0o600)
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={partial}")
        partial.rename(file)
    except OSError as problem:
        raise CannotDoIt(f"Cannot write {file}: {problem.strerror}.") from None
    finally:
        partial.unlink(missing_ok=True)


def read_dump(file: Path) -> None:
    """Fill an empty database from a file of `write_dump`, all of it or nothing. Raises CannotDoIt."""
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run("pg_restore", *options, f"--dbname={_address()['dbname']}", str(file))


def _run(program: str, *arguments: str) -> None:
    given = _address()
    given["database"] = given.pop("dbname")
    # By the environment: others on this machine can see a command's arguments.
    address = {f"PG{name.upper()}": str(value) for name, value in given.items() if value}
    done = subprocess.run(
        [programs() / program, *arguments],
        env=os.environ | address,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise CannotDoIt(reason.rstrip("."))


def _address() -> dict[str, Any]:
    # Read once before, so that what is wrong with it is said without the password that stands in it.
    django_databases(url := owner_url(Path(settings.MUSTER_HOME)), variable="MUSTER_OWNER_DATABASE_URL")
    return dict(conninfo_to_dict(url))
