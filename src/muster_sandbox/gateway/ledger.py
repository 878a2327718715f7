"""The ledger of filings: a SQLite file of its own, so that tests can count from the outside what was filed.

What is written is on disk before it is answered: many requests at once share a commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from muster_sandbox.gateway.contract import Filed, Filing, Status
from muster_sandbox.gateway.faults import NOT_FILED

FILE = "filings.sqlite3"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS filing (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, npn TEXT NOT NULL, kind TEXT NOT NULL,
    content TEXT NOT NULL, received_at TEXT NOT NULL, waits_since TEXT NOT NULL, status TEXT NOT NULL,
    code TEXT NOT NULL DEFAULT '', words TEXT NOT NULL DEFAULT '', effective_on TEXT,
    decided_at TEXT, decided_on TEXT);
CREATE INDEX IF NOT EXISTS filing_npn ON filing (npn);
CREATE INDEX IF NOT EXISTS filing_waiting ON filing (waits_since) WHERE status = 'submitted';
CREATE TABLE IF NOT EXISTS request (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, key TEXT NOT NULL, outcome TEXT NOT NULL, fault TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS request_key ON request (key);
CREATE TABLE IF NOT EXISTS behavior (npn TEXT PRIMARY KEY, behavior TEXT NOT NULL);
"""
_SELECT = (
    "SELECT number, key, content, received_at, waits_since, status, code, words, effective_on, decided_at,"
    " decided_on, (SELECT count(*) FROM request WHERE request.key = filing.key) FROM filing"
)


class Arrival(NamedTuple):
    """A request to file; one without a filing is refused, and may have met a fault already."""

    key: str
    filing: Filing | None
    fault: str = ""


# The fault, or empty text, that a filing meets when its key comes for the n-th time.
FaultOf = Callable[[str, Filing, int], str]


class Change(NamedTuple):
    """What is decided on a filing, in the order of the columns."""

    status: Status
    code: str
    words: str
    effective_on: str | None
    decided_at: str | None
    decided_on: str | None
    waits_since: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a request: `filed`, `repeated`, `conflict` or `refused`; and the fault it met, if any."""

    outcome: str
    fault: str


class Filings:
    """The filings of one home; one thread at a time writes, and reading does not wait for it."""

    def __init__(self, home: Path) -> None:
        self._writing = _opened(home / FILE)
        self._writing.executescript(_SCHEMA)
        self._reading = _opened(home / FILE)

    def close(self) -> None:
        """Let go of the file."""
        self._reading.close()
        self._writing.close()

    def keep(self, arrivals: Iterable[Arrival], fault_of: FaultOf) -> list[Kept]:
        """File what is to be filed, in order, and keep what came of every request."""
        at = now()
        with self._writing:
            return [self._keep(arrival, at, fault_of) for arrival in arrivals]

    def waiting(self, before: str, limit: int) -> list[Filed]:
        """Return filings that have waited for a decision since a time or longer, in the order they came."""
        rows = self._writing.execute(
            f"{_SELECT} WHERE status = 'submitted' AND waits_since <= ? ORDER BY number LIMIT ?",
            (before, limit),
        )
        return [_filed(row) for row in rows]

    def same_before(self, one: Filed) -> int:
        """Return how many filings with the same content came before one."""
        found = self._writing.execute(
            "SELECT count(*) FROM filing WHERE npn = ? AND content = ? AND number < ?",
            (one.filing.npn, one.filing.text(), one.number),
        ).fetchone()
        return int(found[0])

    def decide(self, changes: Iterable[tuple[int, Change]]) -> None:
        """Keep what was decided, by the numbers of the filings."""
        with self._writing:
            self._writing.executemany(
                "UPDATE filing SET status = ?, code = ?, words = ?, effective_on = ?, decided_at = ?,"
                " decided_on = ?, waits_since = ? WHERE number = ?",
                [(*change, number) for number, change in changes],
            )

    def forget(self) -> None:
        """Forget all filings, requests and behaviors."""
        with self._writing:
            for table in ("filing", "request", "behavior"):
                self._writing.execute(f"DELETE FROM {table}")  # noqa: S608 - one of the three above

    def set_behavior(self, npn: str, behavior: str | None) -> None:
        """Set how an NPN behaves, or take it back."""
        with self._writing:
            self._writing.execute("DELETE FROM behavior WHERE npn = ?", (npn,))
            if behavior is not None:
                self._writing.execute("INSERT INTO behavior VALUES (?, ?)", (npn, behavior))

    def behaviors(self) -> dict[str, str]:
        """Return how those NPNs behave for which it was set."""
        return dict(self._reading.execute("SELECT npn, behavior FROM behavior").fetchall())

    def is_waiting(self, before: str) -> bool:
        """Say whether a filing has waited for a decision since a time or longer."""
        found = self._reading.execute(
            "SELECT 1 FROM filing WHERE status = 'submitted' AND waits_since <= ? LIMIT 1", (before,)
        ).fetchall()
        return bool(found)

    def filed(self, keys: Sequence[str]) -> dict[str, Filed]:
        """Return the filings of keys, by key, in the order of the keys."""
        places = ", ".join("?" * len(keys))
        rows = self._reading.execute(f"{_SELECT} WHERE key IN ({places})", keys)
        found = {one.key: one for one in map(_filed, rows)}
        return {key: found[key] for key in keys if key in found}

    def accepted(self) -> list[Filed]:
        """Return the accepted filings, in the order in which they were decided."""
        rows = self._reading.execute(
            f"{_SELECT} WHERE status = ? ORDER BY decided_at, number",
            (Status.ACCEPTED,),
        )
        return [_filed(row) for row in rows]

    def entries(self, *, npn: str | None, after: int, limit: int) -> list[Filed]:
        """Return filings in the order they came, those after a number; all or one NPN's."""
        rows = self._reading.execute(
            f"{_SELECT} WHERE number > ? AND (? IS NULL OR npn = ?) ORDER BY number LIMIT ?",
            (after, npn, npn, limit),
        )
        return [_filed(row) for row in rows]

    def requests(self, *, key: str | None, after: int, limit: int) -> list[dict[str, Any]]:
        """Return requests in the order they came, those after an id; all or one key's."""
        rows = self._reading.execute(
            "SELECT id, at, key, outcome, fault FROM request"
            " WHERE id > ? AND (? IS NULL OR key = ?) ORDER BY id LIMIT ?",
            (after, key, key, limit),
        )
        names = ("id", "at", "key", "outcome", "fault")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how many filings there are of each status."""
        found = dict(self._reading.execute("SELECT status, count(*) FROM filing GROUP BY status").fetchall())
        return {status: found.get(status, 0) for status in Status}

    def _keep(self, arrival: Arrival, at: str, fault_of: FaultOf) -> Kept:
        key, filing, fault = arrival
        outcome = "refused"
        if filing is not None:
            times = self._writing.execute("SELECT count(*) FROM request WHERE key = ?", (key,)).fetchone()
            fault = fault_of(key, filing, times[0] + 1)
            if fault not in NOT_FILED:
                outcome = self._file(key, filing, at)
        self._writing.execute(
            "INSERT INTO request (at, key, outcome, fault) VALUES (?, ?, ?, ?)", (at, key, outcome, fault)
        )
        return Kept(outcome, fault)

    def _file(self, key: str, filing: Filing, at: str) -> str:
        content = filing.text()
        found = self._writing.execute("SELECT content FROM filing WHERE key = ?", (key,)).fetchone()
        if found is not None:
            return "repeated" if found[0] == content else "conflict"
        self._writing.execute(
            "INSERT INTO filing (key, npn, kind, content, received_at, waits_since, status, effective_on)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                filing.npn,
                filing.kind,
                content,
                at,
                at,
                Status.SUBMITTED,
                None if filing.effective_on is None else str(filing.effective_on),
            ),
        )
        return "filed"


def now() -> str:
    """Return the time in UTC, as the ledger writes it."""
    return time_text(datetime.now(UTC))


def time_text(time: datetime) -> str:
    """Return a time as the ledger writes it, which sorts as the times do."""
    return time.isoformat(timespec="milliseconds")


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False, timeout=30)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    return database


def _filed(row: tuple[Any, ...]) -> Filed:
    number, key, content, received_at, waits_since, status, code, words, effective, at, day, times = row
    return Filed(
        number=number,
        key=key,
        filing=Filing.read(content),
        received_at=received_at,
        waits_since=waits_since,
        status=Status(status),
        code=code,
        words=words,
        effective_on=None if effective is None else date.fromisoformat(effective),
        decided_at=at,
        decided_on=None if day is None else date.fromisoformat(day),
        times=times,
    )
