"""From a DATABASE_URL to Django's DATABASES."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from muster.config.errors import CannotDoIt

DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
EXAMPLE = "postgresql://user:password@host:5432/name"
SECONDS_A_CONNECTION_IS_KEPT = 60

EMBEDDED_DATABASE = EMBEDDED_OWNER = "muster"
EMBEDDED_APPLICATION = "muster_app"
SOCKET_FILE = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # Linux takes 107 bytes, macOS 103


def database_url(home: Path) -> str:
    """Return where Muster runs: DATABASE_URL, else the embedded PostgreSQL of `home` (running or not)."""
    if given := os.environ.get("DATABASE_URL"):
        return given
    return embedded_url(home, role=EMBEDDED_APPLICATION, database=EMBEDDED_DATABASE)


def owner_url(home: Path) -> str:
    """Return the same database for the role that owns its tables; `database_url` where one role is both.

    Raises CannotDoIt where an owner is named without a database.
    """
    given, owner = os.environ.get("DATABASE_URL"), os.environ.get("MUSTER_OWNER_DATABASE_URL")
    if given:
        return owner or given
    if owner:
        raise CannotDoIt("MUSTER_OWNER_DATABASE_URL goes with a DATABASE_URL, which is not set.")
    return embedded_url(home, role=EMBEDDED_OWNER, database=EMBEDDED_DATABASE)


def embedded_url(home: Path, *, role: str, database: str) -> str:
    """Return the address of one database of the embedded PostgreSQL of `home`."""
    return f"postgresql://{role}@/{database}?host={quote(str(socket_folder(home)), safe='')}"


def data_folder(home: Path) -> Path:
    """Return where the embedded PostgreSQL of `home` keeps its data."""
    return home.resolve() / "postgres" / "data"


def socket_folder(home: Path) -> Path:
    """Return the folder of its socket: the data folder, or one in /tmp where that path is too long."""
    data = data_folder(home)
    if len(os.fsencode(data / SOCKET_FILE)) <= LONGEST_SOCKET_PATH:
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path("/tmp") / f"muster-{os.geteuid()}-{digest}"  # noqa: S108  its owner and mode are checked


def django_databases(url: str, *, variable: str = "DATABASE_URL") -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES for one PostgreSQL URL, which stands in a `variable`.

    `url` is whatever libpq reads: `postgresql://user:password@host:5432/name?sslmode=require`, also with
    `?host=/folder/of/the/socket`. Parameters Django has no name for go into OPTIONS. Raises CannotDoIt.
    """
    if not url.startswith(("postgres://", "postgresql://")):
        raise CannotDoIt(f"{variable} must begin with postgresql://; Muster runs on PostgreSQL only.")
    try:
        given = conninfo_to_dict(url)
    except ProgrammingError:
        # The driver's own words would repeat the URL, and with it the password.
        raise CannotDoIt(f"{variable} cannot be read; write {EXAMPLE}.") from None
    if not given.get("dbname"):
        raise CannotDoIt(f"{variable} names no database; write {EXAMPLE}.")
    named = {django: str(given.pop(libpq)) for libpq, django in DJANGO_NAMES.items() if given.get(libpq)}
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            **named,
            "OPTIONS": {name: value for name, value in given.items() if value not in (None, "")},
            "CONN_MAX_AGE": SECONDS_A_CONNECTION_IS_KEPT,
            "CONN_HEALTH_CHECKS": True,
        }
    }
