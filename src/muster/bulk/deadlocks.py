"""Two that write the same rows in another order: the database ends one of them, which tries again."""

from __future__ import annotations

from collections.abc import Callable

from django.db import OperationalError
from psycopg.errors import DeadlockDetected


def again_after_deadlock(write: Callable[[], None], *, tries: int) -> None:
    """Call `write`, a transaction of its own, and once more after each deadlock: `tries` times at most."""
    for tried in range(1, tries + 1):
        try:
            return write()
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected) or tried == tries:
                raise
