"""The running registry: what each request for an NPN gets, counted and kept in the ledger."""

from __future__ import annotations

import asyncio
from datetime import date

from muster_sandbox.behavior import Behavior, Faults, Outcome, outcome_of
from muster_sandbox.changes import changed
from muster_sandbox.identifiers import npn_of_license, npn_of_ssn
from muster_sandbox.ledger import Ledger
from muster_sandbox.life import lived
from muster_sandbox.population import producer
from muster_sandbox.records import Producer
from muster_sandbox.settings import Settings
from muster_sandbox.specials import BY_NPN

LAST_YEAR = 2999


class Registry:
    """Settings, ledger, and an event that is set when the process is about to stop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger(settings.home)
        settings.days_ahead = self.ledger.days_ahead
        self.stopping = asyncio.Event()
        self._started_with = settings.latency, settings.timeout_hold, settings.faults

    def find(self, npn: int, day: date | None = None) -> Producer | None:
        """Return the producer with an NPN as of a day (None: today), as changed at run time."""
        found = self.find_unchanged(npn, day or self.settings.day())
        override = self.ledger.override(str(npn))
        return found if found is None or override is None else changed(found, override)

    def find_unchanged(self, npn: int, day: date) -> Producer | None:
        """Return the producer with an NPN as of a day, as life alone has made it."""
        settings = self.settings
        found = producer(npn, seed=settings.seed, today=day, population=settings.population)
        return found and lived(found, seed=settings.seed, today=day, rate=settings.life)

    def move_to(self, day: date) -> None:
        """Let time pass until a day; ValueError if that day is past, since time never goes back."""
        settings = self.settings
        if day < settings.day():
            raise ValueError(f"time never goes back: it is {settings.day()} already")
        if day.year > LAST_YEAR:
            raise ValueError(f"time ends with the year {LAST_YEAR}")
        settings.days_ahead = (day - settings.start_day()).days
        self.ledger.days_ahead = settings.days_ahead

    def find_by_ssn(self, ssn: str) -> Producer | None:
        """Return the person whom an SSN belongs to."""
        npn = npn_of_ssn(ssn, seed=self.settings.seed)
        found = None if npn is None else self.find(npn)
        return None if found is None or found.firm else found

    def find_by_license(self, number: str, state: str) -> Producer | None:
        """Return the producer who holds a license of this number in a state."""
        npn = npn_of_license(number, state)
        found = None if npn is None else self.find(npn)
        if found is None or not any(one.state == state and one.number == number for one in found.licenses):
            return None
        return found

    def decide(self, script: str, npn: str, *, found: bool) -> Outcome:
        """Count a request and say what it gets: as set at run time, else as a special, else by faults."""
        attempt = self.ledger.next_attempt(script, npn)
        override, special = self.ledger.override(npn), BY_NPN.get(npn)
        if override is not None and "behavior" in override:
            outcome = outcome_of(Behavior(override["behavior"]), attempt)
        elif special is not None:
            outcome = outcome_of(special.behavior, attempt)
        else:
            outcome = self.settings.faults.drawn(seed=self.settings.seed, npn=npn, attempt=attempt)
        if outcome is Outcome.ANSWERED and not found:
            outcome = Outcome.NOT_FOUND
        self.ledger.record(script=script, npn=npn, outcome=outcome, attempt=attempt)
        return outcome

    def refuse(self, script: str) -> None:
        """Keep in the ledger that a request named nobody that could be looked for."""
        self.ledger.record(script=script, npn="", outcome=Outcome.BAD_REQUEST, attempt=0)

    def reset(self) -> None:
        """Forget all requests and all that was set at run time."""
        self.ledger.forget(npn=None)
        self.ledger.clear_overrides(npn=None)
        self.ledger.days_ahead = 0
        settings = self.settings
        settings.days_ahead = 0
        settings.latency, settings.timeout_hold, settings.faults = self._started_with

    def change(self, *, latency: float | None, timeout_hold: float | None, faults: Faults | None) -> None:
        """Set latency and hold (seconds) and faults; what is None stays."""
        settings = self.settings
        settings.latency = settings.latency if latency is None else latency
        settings.timeout_hold = settings.timeout_hold if timeout_hold is None else timeout_hold
        settings.faults = settings.faults if faults is None else faults
