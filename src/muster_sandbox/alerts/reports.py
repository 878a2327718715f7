"""The reports: one a weekday, of the targets who differ from what they were when the one before was made.

What each target was is kept as fingerprints, with the first day on which it may differ; so a day costs what
happens on it, and not what is watched. Days that passed unasked are made up in order, each as of itself.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from muster_sandbox.alerts.kinds import Kind, differences, fingerprints
from muster_sandbox.alerts.problems import Code, Refused
from muster_sandbox.alerts.subscriptions import Subscriptions
from muster_sandbox.alerts.trees import Named, process_result
from muster_sandbox.records import Producer

SCHEMA = """
CREATE TABLE IF NOT EXISTS watched (
    npn TEXT PRIMARY KEY, fingerprints TEXT NOT NULL, next_day TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS watched_next_day ON watched (next_day);
CREATE TABLE IF NOT EXISTS alerts_report (
    day TEXT NOT NULL, kind TEXT NOT NULL, named INTEGER NOT NULL, document BLOB NOT NULL,
    PRIMARY KEY (day, kind));
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
KEPT_DAYS = 30
_SATURDAY = 5
# kind, document
Report = list[tuple[Kind, bytes]]
# The producer with an NPN as of a day, and the first day after it on which the producer may differ.
Observe = Callable[[str, date], tuple[Producer, date] | None]


class Reports:
    """The reports of one home; the caller sees to it that one thread at a time uses them."""

    def __init__(
        self,
        database: sqlite3.Connection,
        subscriptions: Subscriptions,
        observe: Observe,
        stopping: Callable[[], bool],
    ) -> None:
        self._database = database
        self._subscriptions = subscriptions
        self._observe = observe
        self._stopping = stopping
        database.executescript(SCHEMA)
        self.made_until = self._made_until()

    def watch(self, npns: Iterable[str], day: date) -> None:
        """Remember what NPNs are on a day, if they are not watched already."""
        rows = []
        for npn in npns:
            if self._database.execute("SELECT 1 FROM watched WHERE npn = ?", (npn,)).fetchone():
                continue
            observed = self._observe(npn, day)
            if observed is not None:
                producer, next_day = observed
                rows.append((npn, json.dumps(fingerprints(producer)), str(next_day)))
        with self._database:
            self._database.executemany("INSERT INTO watched VALUES (?, ?, ?)", rows)
            if self.made_until is None:
                self._note("made_until", str(day))
                self.made_until = day

    def unwatch(self) -> None:
        """Forget what those were who are no target any more."""
        with self._database:
            self._database.execute("DELETE FROM watched WHERE npn NOT IN (SELECT npn FROM target)")

    def look_again(self, npns: Iterable[str] | None) -> None:
        """Compare NPNs, or all, for the next report whatever the calendar says."""
        with self._database:
            if npns is None:
                self._database.execute("UPDATE watched SET next_day = ''")
            else:
                self._database.executemany(
                    "UPDATE watched SET next_day = '' WHERE npn = ?", ((npn,) for npn in npns)
                )

    def publish_until(self, today: date) -> None:
        """Make the reports of the days up to today that have not been made, or until the sandbox stops."""
        if self.made_until is None:
            return
        oldest = today - timedelta(days=KEPT_DAYS)
        while self.made_until < today and not self._stopping():
            day = self.made_until + timedelta(days=1)
            documents: list[tuple[str, str, int, bytes]] = []
            compared: list[tuple[str, str, str]] = []
            if day.weekday() < _SATURDAY:
                named, compared = self._changed(day)
                if day >= oldest:
                    documents = [
                        (str(day), kind, len(people), zlib.compress(process_result(kind, people, day), 1))
                        for kind, people in named.items()
                    ]
            with self._database:
                self._database.executemany(
                    "UPDATE watched SET fingerprints = ?, next_day = ? WHERE npn = ?", compared
                )
                self._database.executemany("INSERT INTO alerts_report VALUES (?, ?, ?, ?)", documents)
                self._database.execute("DELETE FROM alerts_report WHERE day < ?", (str(oldest),))
                self._note("made_until", str(day))
            self.made_until = day

    def of_day(self, day: date, *, today: date) -> Report:
        """Return the report of a day; Refused if there is none, it is still to come, or no longer kept."""
        if day > today:
            raise Refused(Code.FUTURE_DAY, f"There is no report of {day} yet: today is {today}.")
        if day < today - timedelta(days=KEPT_DAYS):
            raise Refused(
                Code.NO_LONGER_KEPT,
                f"The report of {day} is no longer kept: ask for one of the last {KEPT_DAYS} days.",
            )
        rows = self._database.execute(
            "SELECT kind, document FROM alerts_report WHERE day = ? ORDER BY rowid", (str(day),)
        ).fetchall()
        if not rows:
            raise Refused(Code.NO_ALERTS, f"There are no alerts for {day}.")
        return [(Kind(kind), zlib.decompress(document)) for kind, document in rows]

    def catch_up(self, today: date) -> Report:
        """Return all that can be told of all targets today, whether it changed or not."""
        everything = {
            npn: {kind: set(states) for kind, states in json.loads(kept).items()}
            for npn, kept in self._database.execute(
                "SELECT npn, fingerprints FROM watched ORDER BY CAST(npn AS INTEGER)"
            )
        }
        named = self._named({npn: (each, None) for npn, each in everything.items()}, today)
        if not named:
            raise Refused(Code.NO_ALERTS, "There are no targets with anything to tell.")
        return [(kind, process_result(kind, people, today)) for kind, people in named.items()]

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many producers each kept report names, by day and kind."""
        found: dict[str, dict[str, int]] = {}
        rows = self._database.execute("SELECT day, kind, named FROM alerts_report ORDER BY day, rowid")
        for day, kind, named in rows:
            found.setdefault(day, {})[kind] = named
        return found

    def made_with(self, settings: str) -> None:
        """Look at everybody again if the population is made otherwise than when it was last looked at."""
        found = self._database.execute("SELECT value FROM note WHERE name = 'made_with'").fetchone()
        if found is None or found[0] != settings:
            self.look_again(None)
            with self._database:
                self._note("made_with", settings)

    def forget(self) -> None:
        """Forget all reports, and what was watched."""
        with self._database:
            for table in ("watched", "alerts_report"):
                self._database.execute(f"DELETE FROM {table}")  # noqa: S608 - one of the two above
            self._database.execute("DELETE FROM note WHERE name = 'made_until'")
        self.made_until = None

    def _changed(self, day: date) -> tuple[dict[Kind, list[Named]], list[tuple[str, str, str]]]:
        """Compare those who may differ; return whom to name, and the rows that remember what they are now."""
        rows = self._database.execute(
            "SELECT npn, fingerprints FROM watched WHERE next_day <= ? ORDER BY CAST(npn AS INTEGER)",
            (str(day),),
        ).fetchall()
        compared: list[tuple[str, str, str]] = []
        changed: dict[str, tuple[dict[Kind, set[str]], Producer | None]] = {}
        for npn, kept in rows:
            observed = self._observe(npn, day)
            if observed is None:
                continue
            producer, next_day = observed
            before, now = json.loads(kept), fingerprints(producer)
            compared.append((json.dumps(now), str(next_day), npn))
            if found := differences(before, now):
                changed[npn] = found, producer
        return self._named(changed, day), compared

    def _named(
        self, changed: dict[str, tuple[dict[Kind, set[str]], Producer | None]], day: date
    ) -> dict[Kind, list[Named]]:
        """Return whom the report of a day names: those of whom some subscription wants to be told."""
        named: dict[Kind, list[Named]] = {kind: [] for kind in Kind}
        for npn, subscriptions in self._subscriptions.of_each(changed):
            found, producer = changed[npn]
            if producer is None:
                observed = self._observe(npn, day)
                if observed is None:
                    continue
                producer, _ = observed
            home = producer.resident_state
            for kind, states in found.items():
                wanted = frozenset[str]().union(
                    *(one.wants(kind, states, resident_state=home) for one in subscriptions)
                )
                if wanted:
                    named[kind].append((producer, wanted))
        return {kind: people for kind, people in named.items() if people}

    def _made_until(self) -> date | None:
        found = self._database.execute("SELECT value FROM note WHERE name = 'made_until'").fetchone()
        return date.fromisoformat(found[0]) if found else None

    def _note(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))
