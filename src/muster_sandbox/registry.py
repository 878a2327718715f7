"""The running registry: what each request for an NPN gets, counted and kept in the ledger."""

from __future__ import annotations

import asyncio

from muster_sandbox.behavior import Behavior, Faults, Outcome, outcome_of
from muster_sandbox.changes import changed
from muster_sandbox.identifiers import npn_of_license, npn_of_ssn
from muster_sandbox.ledger import Ledger
from muster_sandbox.population import producer
from muster_sandbox.records import Producer
from muster_sandbox.settings import Settings
from muster_sandbox.specials import BY_NPN


class Registry:
    """Settings, ledger, and an event that is set when the process is about to stop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger(settings.home)
        self.stopping = asyncio.Event()
        self._started_with = settings.latency, settings.timeout_hold, settings.faults

    def find(self, npn: int) -> Producer | None:
        """Return the producer with an NPN, as changed at run time."""
        settings = self.settings
        found = producer(npn, seed=settings.seed, today=settings.day(), population=settings.population)
        override = self.ledger.override(str(npn))
        return found if found is None or override is None else changed(found, override)

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
        settings = self.settings
        settings.latency, settings.timeout_hold, settings.faults = self._started_with

    def change(self, *, latency: float | None, timeout_hold: float | None, faults: Faults | None) -> None:
        """Set latency and hold (seconds) and faults; what is None stays."""
        settings = self.settings
        settings.latency = settings.latency if latency is None else latency
        settings.timeout_hold = settings.timeout_hold if timeout_hold is None else timeout_hold
        settings.faults = settings.faults if faults is None else faults
