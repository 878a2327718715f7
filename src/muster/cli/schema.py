"""Whether the database answers and has the tables of this version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from psycopg.errors import InsufficientPrivilege

from muster.cli.roles import as_owner, current_place, current_role, grant_to
from muster.config.errors import CannotDoIt

OLDEST_POSTGRESQL = 16


def require_answer() -> None:
    """Raise CannotDoIt when the database does not answer, or is too old."""
    try:
        connection.ensure_connection()
    except OperationalError as problem:
        reason = str(problem).strip().splitlines()[-1].strip()
        raise CannotDoIt(f"The database does not answer: {reason}") from None
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0]) // 10_000
    if version < OLDEST_POSTGRESQL:
        raise CannotDoIt(f"The database is PostgreSQL {version}; Muster needs {OLDEST_POSTGRESQL} or newer.")


def require_schema() -> None:
    """Raise CannotDoIt when migrations of this version are missing in the database."""
    with _refusals_say("not read the tables of Muster; run `muster migrate` first, as their owner."):
        if not missing_migrations():
            return
    if MigrationRecorder(connection).has_table():
        raise CannotDoIt("The database is not of this version of Muster; run `muster migrate` first.")
    raise CannotDoIt("There is no organization here yet; make one with: muster init --demo")


def missing_migrations() -> int:
    """Return how many migrations are not applied yet."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> int:
    """Apply what is missing, as the owner, and let the application in; return how many migrations that was.

    Raises CannotDoIt where the role may not, or the owner's database is another one.
    """
    role, place = current_role(), current_place()
    with (
        as_owner(),
        _refusals_say("not change the tables of Muster; name their owner with MUSTER_OWNER_DATABASE_URL."),
    ):
        if current_place() != place:
            raise CannotDoIt("MUSTER_OWNER_DATABASE_URL names another database than DATABASE_URL does.")
        missing = missing_migrations()
        if missing:
            call_command("migrate", interactive=False, verbosity=0)
        grant_to(role)
    return missing


@contextmanager
def _refusals_say(what: str) -> Iterator[None]:
    """Turn the database's refusal into CannotDoIt: the role we are may `what`."""
    try:
        yield
    except DatabaseError as problem:
        # Where its own table cannot be made, Django says so with an error of its own.
        causes = (problem.__cause__, getattr(problem.__context__, "__cause__", None))
        if not any(isinstance(cause, InsufficientPrivilege) for cause in causes):
            raise
        raise CannotDoIt(f"The database's role {current_role()} may {what}") from None
