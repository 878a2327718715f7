"""Subscriptions and their targets, in the ledger's SQLite file; times are days of the sandbox."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from muster_sandbox.alerts.kinds import Kind
from muster_sandbox.alerts.problems import Code, Refused

SCHEMA = """
CREATE TABLE IF NOT EXISTS subscription (name TEXT PRIMARY KEY, settings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS target (
    npn TEXT NOT NULL, subscription TEXT NOT NULL, added TEXT NOT NULL,
    PRIMARY KEY (npn, subscription)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS target_subscription ON target (subscription);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription as it was asked for; no alert type named means all four.

    `states` are two-letter codes, or `allStates` or `residentStateOnly` alone. `affiliations` are FEIN and
    CoCode, or `None` or `All` alone; they are kept and shown, and reports take no notice of them.
    """

    name: str
    email: str
    affiliations: tuple[tuple[str, str], ...]
    states: tuple[str, ...]
    kinds: tuple[str, ...]

    def wants(self, kind: Kind, states: Iterable[str], *, resident_state: str) -> frozenset[str]:
        """Return those of the states in which something changed that this subscription is about."""
        if self.kinds and kind not in self.kinds:
            return frozenset()
        match self.states:
            case ("allStates",):
                return frozenset(states)
            case ("residentStateOnly",):
                wanted = {resident_state, ""}
            case _:
                wanted = {*self.states, ""}
        return frozenset(states) & wanted

    @classmethod
    def read(cls, name: str, settings: str) -> Subscription:
        """Return a subscription from its row."""
        kept: dict[str, Any] = json.loads(settings)
        return cls(
            name=name,
            email=kept["email"],
            affiliations=tuple((fein, cocode) for fein, cocode in kept["affiliations"]),
            states=tuple(kept["states"]),
            kinds=tuple(kept["kinds"]),
        )


class Subscriptions:
    """The subscriptions of one home; the caller sees to it that one thread at a time uses them."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(SCHEMA)

    def all(self) -> list[Subscription]:
        """Return all subscriptions by name."""
        rows = self._database.execute("SELECT name, settings FROM subscription ORDER BY name")
        return [Subscription.read(*row) for row in rows]

    def add(self, subscription: Subscription) -> None:
        """Keep a new subscription; Refused if its name is taken."""
        if self._exists(subscription.name):
            raise Refused(
                Code.SUBSCRIPTION_EXISTS,
                f"There is a subscription {subscription.name!r} already; edit it, or choose another name.",
            )
        self._keep(subscription)

    def edit(self, subscription: Subscription) -> None:
        """Replace a subscription; its targets stay."""
        self.require(subscription.name)
        self._keep(subscription)

    def remove(self, name: str) -> None:
        """Forget a subscription and its targets."""
        self.require(name)
        with self._database:
            self._database.execute("DELETE FROM target WHERE subscription = ?", (name,))
            self._database.execute("DELETE FROM subscription WHERE name = ?", (name,))

    def require(self, name: str) -> None:
        """Refuse a name that no subscription has."""
        if not self._exists(name):
            raise Refused(Code.UNKNOWN_SUBSCRIPTION, f"There is no subscription {name!r}; add it first.")

    def add_targets(self, name: str, npns: Iterable[str], day: date) -> None:
        """Add targets as of a day; those that are there keep their day."""
        with self._database:
            self._database.executemany(
                "INSERT INTO target (npn, subscription, added) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                ((npn, name, str(day)) for npn in npns),
            )

    def remove_targets(self, name: str, npns: Iterable[str] | None) -> None:
        """Remove targets, or all."""
        with self._database:
            if npns is None:
                self._database.execute("DELETE FROM target WHERE subscription = ?", (name,))
            else:
                self._database.executemany(
                    "DELETE FROM target WHERE subscription = ? AND npn = ?", ((name, npn) for npn in npns)
                )

    def targets(self, name: str) -> dict[str, str]:
        """Return NPN and the day it was added on, `YYYY-MM-DD`, of each target, by NPN."""
        return dict(
            self._database.execute(
                "SELECT npn, added FROM target WHERE subscription = ? ORDER BY CAST(npn AS INTEGER)", (name,)
            ).fetchall()
        )

    def added_on(self, name: str, npns: Iterable[str]) -> dict[str, str]:
        """Return, of those of the NPNs that are targets, the day on which each was added."""
        found: dict[str, str] = {}
        for npn in npns:
            row = self._database.execute(
                "SELECT added FROM target WHERE npn = ? AND subscription = ?", (npn, name)
            ).fetchone()
            if row is not None:
                found[npn] = row[0]
        return found

    def of_each(self, npns: Iterable[str]) -> Iterator[tuple[str, list[Subscription]]]:
        """Yield each NPN with the subscriptions that watch it."""
        known = {one.name: one for one in self.all()}
        for npn in npns:
            rows = self._database.execute("SELECT subscription FROM target WHERE npn = ?", (npn,))
            yield npn, [known[name] for (name,) in rows]

    def count(self) -> dict[str, int]:
        """Return how many targets each subscription has."""
        return dict(
            self._database.execute(
                "SELECT name, count(target.npn) FROM subscription"
                " LEFT JOIN target ON target.subscription = name GROUP BY name ORDER BY name"
            ).fetchall()
        )

    def _exists(self, name: str) -> bool:
        found = self._database.execute("SELECT 1 FROM subscription WHERE name = ?", (name,)).fetchone()
        return found is not None

    def _keep(self, subscription: Subscription) -> None:
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO subscription (name, settings) VALUES (?, ?)",
                (subscription.name, json.dumps(asdict(subscription))),
            )
