"""Signs of life: at most one process works on an operation, and a silent one is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection


@contextmanager
def sole_runner(operation_id: UUID) -> Iterator[bool]:
    """Hold the operation for this database session; yields False where another process holds it.

    The lock goes with the connection, so a process that is killed lets go of it at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [str(operation_id)])
        (held,) = cursor.fetchone()
    if not held:
        yield False
        return
    try:
        yield True
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [str(operation_id)])
