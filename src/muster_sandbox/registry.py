"""The running registry: what each request for an NPN gets, counted and kept in the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from muster_sandbox.alerts.faults import Mishaps
from muster_sandbox.alerts.operations import Alerts
from muster_sandbox.behavior import Behavior, Faults, Outcome, outcome_of
from muster_sandbox.changes import changed
from muster_sandbox.gateway.operations import Gateway
from muster_sandbox.identifiers import folded, is_firm, npn_number, npn_of_license, npn_of_ssn
from muster_sandbox.ledger import Ledger
from muster_sandbox.life import lived, next_change
from muster_sandbox.places import STATES
from muster_sandbox.population import producer
from muster_sandbox.records import Producer
from muster_sandbox.settings import Settings
from muster_sandbox.specials import BY_LICENSE, BY_NPN

MOST_DAYS = 3_660


class Registry:
    """Settings, ledger, and an event that is set when the process is about to stop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger(settings.home)
        settings.days_ahead = self.ledger.days_ahead
        made_with = f"{settings.seed} {settings.population} {settings.life:g}"
        self.stopping = asyncio.Event()
        self.alerts = Alerts(
            settings.home,
            self.observe,
            self.identify,
            made_with=made_with,
            stopping=self.stopping.is_set,
        )
        self.alerts_mishaps = Mishaps(settings.alert_faults)
        self.gateway = Gateway(
            settings, find=self._find_to_file, catch_up=self.catch_up, look_again=self._look_again
        )
        self._started_with = replace(settings)

    def find(self, npn: int, day: date | None = None) -> Producer | None:
        """Return the producer with an NPN as of a day (None: today), as changed at run time."""
        found = self.find_unchanged(npn, day or self.settings.day())
        override = self.ledger.override(str(npn))
        return found if found is None or override is None else changed(found, override)

    def find_unchanged(self, npn: int, day: date) -> Producer | None:
        """Return the producer with an NPN as of a day, as life and filings have made it."""
        settings = self.settings
        found = producer(npn, seed=settings.seed, today=day, population=settings.population)
        filed = self.gateway.happened(str(npn))
        return found and lived(found, seed=settings.seed, today=day, rate=settings.life, filed=filed)

    def observe(self, npn: str, day: date) -> tuple[Producer, date] | None:
        """Return a producer as of a day, as changed at run time, and the day until which nothing else may."""
        found = self.find_unchanged(int(npn), day)
        if found is None:
            return None
        settings = self.settings
        until = next_change(found, seed=settings.seed, today=day, rate=settings.life)
        until = min((each for each, _ in self.gateway.happened(npn) if day < each < until), default=until)
        override = self.ledger.override(npn)
        return found if override is None else changed(found, override), until

    def identify(self, kind: str, given: str, last_name: str) -> str | None:
        """Return the NPN that an NPN, an FEIN, or an SSN with a last name leads to; None if nobody's."""
        number = npn_number(given.replace("-", "") if kind == "FEIN" else given)
        if kind == "SSN_LASTNAME":
            found = self.find_by_ssn(given)
            found = found if found is not None and folded(found.last_name) == folded(last_name) else None
        elif number is None or (kind == "FEIN" and not is_firm(number)):
            found = None
        else:
            found = self.find(number)
        return None if found is None or self._is_hidden(found.npn) else found.npn

    def _is_hidden(self, npn: str) -> bool:
        return (self.ledger.override(npn) or {}).get("behavior") == Behavior.NOT_FOUND

    def _find_to_file(self, npn: str) -> Producer | None:
        return None if self._is_hidden(npn) else self.find(int(npn))

    def _look_again(self, npns: Collection[str]) -> None:
        if npns and self.alerts.reports.made_until is not None:
            self.alerts.look_again(npns)

    async def set_override(self, npn: str, override: dict[str, Any] | None) -> None:
        """Change what is set for an NPN, or take it back; days that have passed tell of it as it was."""
        await self.catch_up()
        if override is None:
            self.ledger.clear_overrides(npn=npn)
        else:
            self.ledger.set_override(npn, override)
        await asyncio.to_thread(self._look_again, [npn])

    def move_to(self, day: date) -> None:
        """Let time pass until a day; ValueError if that day is past, since time never goes back."""
        settings = self.settings
        if day < settings.day():
            raise ValueError(f"time never goes back: it is {settings.day()} already")
        if (day - settings.day()).days > MOST_DAYS:
            raise ValueError(f"time passes by {MOST_DAYS:,} days at most at once")
        settings.days_ahead = (day - settings.start_day()).days
        self.ledger.days_ahead = settings.days_ahead

    def find_by_ssn(self, ssn: str) -> Producer | None:
        """Return the person whom an SSN belongs to."""
        npn = npn_of_ssn(ssn, seed=self.settings.seed)
        found = None if npn is None else self.find(npn)
        return None if found is None or found.firm else found

    def find_by_license(self, number: str, state: str = "") -> list[Producer]:
        """Return the persons who hold a license of this number in a state, or in any."""
        found: dict[str, Producer] = {}
        for each in [state] if state else STATES:
            npns = [npn_of_license(number, each), *BY_LICENSE.get((each, number), ())]
            for one in (self.find(npn) for npn in npns if npn is not None):
                if one is None or one.firm:
                    continue
                if any((held.state, held.number) == (each, number) for held in one.licenses):
                    found[one.npn] = one
        return list(found.values())

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

    async def catch_up(self) -> None:
        """Make the alerts reports that are missing, before what they would tell is changed."""
        day = self.settings.day()
        if self.alerts.is_behind(day):
            await asyncio.to_thread(self.alerts.publish_until, day)

    def reset(self) -> None:
        """Forget all requests and all that was set, time too; alerts and gateway forget by themselves."""
        self.ledger.forget(npn=None)
        self.ledger.clear_overrides(npn=None)
        self.ledger.days_ahead = 0
        settings, start = self.settings, self._started_with
        settings.days_ahead = 0
        settings.latency, settings.timeout_hold, settings.faults = (
            start.latency,
            start.timeout_hold,
            start.faults,
        )
        settings.inline_attachments, settings.password_expired = start.inline_attachments, False
        settings.gateway_faults, settings.decide_after = start.gateway_faults, start.decide_after
        settings.gateway_down = False
        self.alerts_mishaps = Mishaps(settings.alert_faults)

    def close(self) -> None:
        """Write what waits and let go of the home."""
        self.gateway.close()
        self.alerts.close()
        self.ledger.close()

    def change(self, *, latency: float | None, timeout_hold: float | None, faults: Faults | None) -> None:
        """Set latency and hold (seconds) and faults; what is None stays."""
        settings = self.settings
        settings.latency = settings.latency if latency is None else latency
        settings.timeout_hold = settings.timeout_hold if timeout_hold is None else timeout_hold
        settings.faults = settings.faults if faults is None else faults
