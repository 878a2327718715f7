"""How many queries each page takes, checked in: a query too many, or one a row, is a line in a review.

`MUSTER_QUERY_COUNTS=write` writes what was counted to query_counts.json in place of comparing.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

FILE = Path(__file__).with_suffix(".json")
WRITES = os.environ.get("MUSTER_QUERY_COUNTS") == "write"


@contextmanager
def same_number_of_queries(name: str) -> Iterator[None]:
    """Compare the number of queries that are made inside with the one on record for `name`."""
    with CaptureQueriesContext(connection) as made:
        yield
    if WRITES:
        _write(name, len(made))
    known = json.loads(FILE.read_text("utf-8")).get(name)
    statements = "\n".join(query["sql"] for query in made.captured_queries)
    assert len(made) == known, f"{name}: {len(made)} queries, on record are {known}:\n{statements}"


def _write(name: str, count: int) -> None:
    # Several workers may write at once.
    with FILE.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        counts = json.loads(file.read() or "{}")
        counts[name] = count
        file.truncate(0)
        file.write(json.dumps(counts, indent=2, sort_keys=True) + "\n")
