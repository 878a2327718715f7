"""From a DATABASE_URL to Django's DATABASES."""

from __future__ import annotations

from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from muster.config.errors import CannotDoIt

DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
SECONDS_A_CONNECTION_IS_KEPT = 60


def django_databases(url: str) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES for one PostgreSQL URL.

    `url` is whatever libpq reads: `postgresql://user:password@host:5432/name?sslmode=require`, also with
    `?host=/folder/of/the/socket`. Parameters Django has no name for go into OPTIONS. Raises CannotDoIt.
    """
    if not url.startswith(("postgres://", "postgresql://")):
        raise CannotDoIt("DATABASE_URL must begin with postgresql://; Muster runs on PostgreSQL only.")
    try:
        given = conninfo_to_dict(url)
    except ProgrammingError:
        # The driver's own words would repeat the URL, and with it the password.
        raise CannotDoIt("DATABASE_URL cannot be read; write postgresql://user:password@host:5432/name.") from None
    if not given.get("dbname"):
        raise CannotDoIt("DATABASE_URL names no database; write postgresql://user:password@host:5432/name.")
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
