"""The two roles of the database: one owns it, the other runs Muster and cannot change what was recorded.

Migrations, backup and restore are the owner's; site, worker and all other commands connect as the
application. One role may be both; then nothing but triggers guards what was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg import sql

from muster.config.database import database_url, django_databases, owner_url
from muster.config.errors import CannotDoIt

APPEND_ONLY = ("audit_event", "history_change")
ADVISORY_LOCK = 0x4D75726F

# Whoever owns the schema may drop its tables. A superuser is a member of every role.
MAY_CHANGE = """
SELECT bool_or(
    pg_has_role(current_user, found.relowner, 'MEMBER')
    OR pg_has_role(current_user, home.nspowner, 'MEMBER')
    OR has_table_privilege(current_user, found.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
)
FROM pg_class AS found JOIN pg_namespace AS home ON home.oid = found.relnamespace
WHERE found.oid = ANY (%s::regclass[])
"""
# As PostgreSQL writes them, in quotes where they need some. Nobody grants what somebody else owns.
OURS = """
SELECT
    ARRAY (
        SELECT oid::regclass::text FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = ANY ('{r,p,v,m}')
        AND pg_has_role(relowner, 'USAGE')
    ),
    ARRAY (
        SELECT oid::regclass::text FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S'
        AND pg_has_role(relowner, 'USAGE')
    ),
    ARRAY (
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND pg_has_role(proowner, 'USAGE')
    ),
    ARRAY (
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND pg_has_role(proowner, 'USAGE')
        AND prorettype = 'trigger'::regtype
    ),
    current_schema(),
    current_database()
"""


@contextmanager
def as_owner() -> Iterator[None]:
    """Let Django connect as the owner for as long as this lasts. Raises CannotDoIt where that fails."""
    home = Path(settings.MUSTER_HOME)
    url = owner_url(home)
    if url == database_url(home):
        yield
        return
    owner = django_databases(url, variable="MUSTER_OWNER_DATABASE_URL")["default"]
    application = connection.settings_dict
    nothing = dict.fromkeys(("USER", "PASSWORD", "HOST", "PORT"), "")
    connection.close()
    connection.settings_dict = {**application, **nothing, **owner}
    try:
        try:
            connection.ensure_connection()
        except OperationalError as problem:
            reason = str(problem).strip().splitlines()[-1].strip()
            raise CannotDoIt(f"The database does not answer its owner: {reason}") from None
        yield
    finally:
        connection.close()
        connection.settings_dict = application


def current_role() -> str:
    """Return the role this process is connected as."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def current_place() -> tuple[Any, ...]:
    """Return what tells the database and schema this process is connected to from all others."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_schema(), pg_postmaster_start_time()")
        return tuple(cursor.fetchone())


def grant_to(role: str) -> None:
    """Let `role` read and write all rows, but only read and add those of APPEND_ONLY.

    For the owner to call, any number of times: what a later version adds stays closed until then.
    """
    if role == current_role():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # Two at once would be told that a row of the catalog was changed under them.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        cursor.execute(OURS)
        tables, sequences, routines, triggers, schema, database = cursor.fetchone()
        names = {
            "role": sql.Identifier(role),
            "schema": sql.Identifier(schema),
            "database": sql.Identifier(database),
            "append_only": _listed(APPEND_ONLY),
            "tables": _listed(tables),
            "sequences": _listed(sequences),
            "routines": _listed(routines),
        }
        for statement in (
            "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
            "GRANT USAGE ON SCHEMA {schema} TO {role}",
            "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}",
            "REVOKE ALL ON {append_only} FROM PUBLIC",
            "REVOKE ALL ON {tables} FROM {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {role}",
            "REVOKE UPDATE, DELETE ON {append_only} FROM {role}",
            "GRANT USAGE, SELECT ON SEQUENCE {sequences} TO {role}",
            "GRANT EXECUTE ON ROUTINE {routines} TO {role}",
        ):
            cursor.execute(sql.SQL(statement).format(**names))
        for trigger in triggers:
            # Else a temporary table of the same name would catch what a trigger records.
            only_ours = sql.SQL("ALTER FUNCTION {} SET search_path = {}, pg_temp")
            cursor.execute(only_ours.format(_listed([trigger]), names["schema"]))


def unguarded() -> str:
    """Return one sentence where the role Muster runs as may change what was recorded; else nothing."""
    with connection.cursor() as cursor:
        cursor.execute(MAY_CHANGE, [list(APPEND_ONLY)])
        if not cursor.fetchone()[0]:
            return ""
    return (
        f"The event log and the history are guarded by triggers only: the role {current_role()}, which runs "
        "Muster, may change their tables. docs/operate/install.md says how to give it less."
    )


def _listed(names: Iterable[str]) -> sql.SQL:
    return sql.SQL(", ".join(names))  # type: ignore[arg-type]  # quoted by PostgreSQL itself
