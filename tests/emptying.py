"""Empties the test database after a test that commits."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

FILLED_BY_MIGRATIONS = frozenset({"auth_permission", "django_content_type", "django_migrations"})


def empty_only_what_holds_rows() -> None:
    """Have Django delete the rows that a test has committed, in place of making every table anew.

    A test fills some tables of the sixty. Those that Django has no model of are emptied too: no job and no
    count of a rate limit reaches the next test.
    """
    TransactionTestCase._fixture_teardown = _empty


def _empty(case: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall() if name not in FILLED_BY_MIGRATIONS]
        ask = "SELECT '{0}' WHERE EXISTS (SELECT FROM {0})"
        cursor.execute(" UNION ALL ".join(ask.format(name) for name in tables))
        filled = [name for (name,) in cursor.fetchall()]
        if not filled:
            return
        # What is recorded refuses to go, and what is recorded of would be recorded once more.
        cursor.execute(";".join(f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in filled))
        # In one statement, so that no row goes before those that point to it.
        every = ", ".join(f"from_{name} AS (DELETE FROM {name})" for name in filled)  # noqa: S608
        cursor.execute(f"WITH {every} SELECT")
        # Else they would still be due, and a table of which something is due cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(";".join(f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in filled))
