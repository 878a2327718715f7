"""The ledger: every request that the sandbox got and what it answered, in a SQLite file of its own.

Rows are written in batches, a fraction of a second behind the answers, so that they do not slow them. How
often an NPN was asked for is read from the file the first time, so "once" means once across restarts.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS request (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, script TEXT NOT NULL, npn TEXT NOT NULL,
    outcome TEXT NOT NULL, attempt INTEGER NOT NULL, operation TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS request_npn ON request (npn, script);
CREATE TABLE IF NOT EXISTS override (npn TEXT PRIMARY KEY, settings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_REMEMBERED = 200_000


class HomeInUse(Exception):
    """Another sandbox registry already works in this home."""


class Ledger:
    """The open ledger of one home; one process at a time."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._lock = (home / "sandbox.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise HomeInUse(home) from None
        self._database = sqlite3.connect(home / "ledger.sqlite3", check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        columns = {row[1] for row in self._database.execute("PRAGMA table_info(request)")}
        if "operation" not in columns:
            self._database.execute("ALTER TABLE request ADD COLUMN operation TEXT NOT NULL DEFAULT ''")
        self._waiting: list[tuple[str, str, str, str, int, str]] = []
        self._counts: dict[tuple[str, str], int] = {}
        self._overrides: dict[str, dict[str, Any]] = {
            npn: json.loads(settings)
            for npn, settings in self._database.execute("SELECT npn, settings FROM override")
        }

    def next_attempt(self, script: str, npn: str) -> int:
        """Count a request for an NPN and return its number, from 1."""
        key = script, npn
        if key not in self._counts:
            found = self._database.execute(
                "SELECT max(attempt) FROM request WHERE npn = ? AND script = ?", (npn, script)
            ).fetchone()
            self._counts[key] = found[0] or 0
        self._counts[key] += 1
        return self._counts[key]

    def record(self, *, script: str, npn: str, outcome: str, attempt: int, operation: str = "") -> None:
        """Keep what a request got; it is on disk after the next flush."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._waiting.append((at, script, npn, outcome, attempt, operation))

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            with self._database:
                self._database.executemany(
                    "INSERT INTO request (at, script, npn, outcome, attempt, operation)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    self._waiting,
                )
            self._waiting.clear()
        if len(self._counts) > _REMEMBERED:
            self._counts.clear()

    def entries(self, *, npn: str | None, after: int, limit: int) -> list[dict[str, Any]]:
        """Return requests in the order they came, those after an id; all or one NPN's."""
        self.flush()
        rows = self._database.execute(
            "SELECT id, at, script, npn, outcome, attempt, operation FROM request"
            " WHERE id > ? AND (? IS NULL OR npn = ?) ORDER BY id LIMIT ?",
            (after, npn, npn, limit),
        )
        names = ("id", "at", "script", "npn", "outcome", "attempt", "operation")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def outcomes(self, *, npn: str | None) -> dict[str, int]:
        """Return how many requests got each outcome; all or one NPN's."""
        self.flush()
        return dict(
            self._database.execute(
                "SELECT outcome, count(*) FROM request WHERE ? IS NULL OR npn = ? GROUP BY outcome",
                (npn, npn),
            ).fetchall()
        )

    def forget(self, *, npn: str | None) -> None:
        """Forget the requests of one NPN, or all, so that counting starts again."""
        self.flush()
        with self._database:
            self._database.execute("DELETE FROM request WHERE ? IS NULL OR npn = ?", (npn, npn))
        self._counts.clear()

    def override(self, npn: str) -> dict[str, Any] | None:
        """Return what was set for an NPN at run time."""
        return self._overrides.get(npn)

    def set_override(self, npn: str, settings: dict[str, Any]) -> None:
        """Set how an NPN behaves; its requests are forgotten, so that "once" means once from here."""
        self.forget(npn=npn)
        with self._database:
            self._database.execute(
                "INSERT INTO override (npn, settings) VALUES (?, ?)"
                " ON CONFLICT (npn) DO UPDATE SET settings = excluded.settings",
                (npn, json.dumps(settings)),
            )
        self._overrides[npn] = settings

    def clear_overrides(self, *, npn: str | None) -> None:
        """Let one NPN, or all, behave as they do by themselves again."""
        with self._database:
            self._database.execute("DELETE FROM override WHERE ? IS NULL OR npn = ?", (npn, npn))
        for each in [npn] if npn else list(self._overrides):
            self._overrides.pop(each, None)

    @property
    def days_ahead(self) -> int:
        """By how many days time was moved on."""
        found = self._database.execute("SELECT value FROM note WHERE name = 'days_ahead'").fetchone()
        return int(found[0]) if found else 0

    @days_ahead.setter
    def days_ahead(self, days: int) -> None:
        with self._database:
            self._database.execute("INSERT OR REPLACE INTO note VALUES ('days_ahead', ?)", (str(days),))

    def close(self) -> None:
        """Write what waits and let go of the home."""
        self.flush()
        self._database.close()
        self._lock.close()
