"""The gateway of one home: files requests together, decides what is due, says what happened to whom."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from muster_sandbox.gateway.contract import Filed, Filing, Status
from muster_sandbox.gateway.decisions import ACCEPTED, BY_FAULT, Decision, decided, happening
from muster_sandbox.gateway.faults import of_decision, of_request
from muster_sandbox.gateway.ledger import Arrival, Change, Filings, Kept, now, time_text
from muster_sandbox.happenings import Happening
from muster_sandbox.records import Producer
from muster_sandbox.settings import Settings

LONGEST_WAIT = 3_600_000
"""Seconds after which a filing is decided, at most."""
_DECIDED_AT_ONCE = 100
_LOOKS_EVERY_SECONDS = 0.2


class Gateway:
    """Coroutines are for the server's thread; what they do on disk is done in another, one at a time."""

    def __init__(
        self,
        settings: Settings,
        *,
        find: Callable[[str], Producer | None],
        catch_up: Callable[[], Awaitable[None]],
        look_again: Callable[[Collection[str]], None],
    ) -> None:
        self.ledger = Filings(settings.home)
        self.behaviors = self.ledger.behaviors()
        self._settings = settings
        self._find = find
        self._catch_up = catch_up
        self._look_again = look_again
        self._happened = _happened(self.ledger.accepted())
        self._lock = threading.Lock()
        self._deciding = asyncio.Lock()
        self._waiting: list[tuple[list[Arrival], asyncio.Future[list[Kept]]]] = []
        self._filing: asyncio.Task[None] | None = None

    def happened(self, npn: str) -> Sequence[tuple[date, Happening]]:
        """Return what was decided about an NPN and changes its report, each with its day, in order."""
        return self._happened.get(npn, ())

    async def receive(self, arrival: Arrival) -> Kept:
        """File a request; when this returns, what came of it is on disk."""
        (kept,) = await self._in_turn([arrival])
        if not self._settings.decide_after:
            await self.decide_due()
        return kept

    async def filed(self, keys: Sequence[str]) -> dict[str, Filed]:
        """Return the filings of keys, as decided by now; those that had come before are among them."""
        if self._filing is not None:
            await self._in_turn([])
        await self.decide_due()
        return self.ledger.filed(keys)

    async def decide_due(self) -> None:
        """Decide what has waited for long enough."""
        if not self._is_due():
            return
        async with self._deciding:
            while self._is_due():
                await self._catch_up()
                await asyncio.to_thread(self._decide_some)

    async def decide_for_ever(self) -> None:
        """Decide again and again what is due."""
        while True:
            await asyncio.sleep(_LOOKS_EVERY_SECONDS)
            await self.decide_due()

    async def set_status(self, key: str, status: Status, words: str) -> Filed | None:
        """Decide by hand what is still open; None if the key never came, ValueError if it is decided."""
        await self._catch_up()
        return await asyncio.to_thread(self._set_status, key, status, words)

    async def set_behavior(self, npn: str, behavior: str | None) -> None:
        """Set how an NPN behaves, or take it back."""

        def kept() -> None:
            with self._lock:
                self.ledger.set_behavior(npn, behavior)

        await asyncio.to_thread(kept)
        self.behaviors = self.ledger.behaviors()

    async def forget(self) -> None:
        """Forget all filings, requests and behaviors."""

        def forgotten() -> None:
            with self._lock:
                self.ledger.forget()
                self._happened = {}

        await asyncio.to_thread(forgotten)
        self.behaviors = {}

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self.ledger.close()

    async def _in_turn(self, arrivals: list[Arrival]) -> list[Kept]:
        """Wait until requests, and all that came before them, are kept."""
        turn: asyncio.Future[list[Kept]] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrivals, turn))
        if self._filing is None:
            self._filing = asyncio.create_task(self._file_all())
        return await turn

    async def _file_all(self) -> None:
        # Those that come while others are being written are written together: one commit for all.
        while self._waiting:
            batch, self._waiting = self._waiting, []
            together = [arrival for arrivals, _ in batch for arrival in arrivals]
            try:
                kept = iter(await asyncio.to_thread(self._keep, together) if together else ())
            except Exception as problem:  # each of those who wait is told
                for _, turn in batch:
                    if not turn.done():
                        turn.set_exception(problem)
                continue
            for arrivals, turn in batch:
                came = list(islice(kept, len(arrivals)))
                if not turn.done():
                    turn.set_result(came)
        self._filing = None

    def _keep(self, arrivals: list[Arrival]) -> list[Kept]:
        with self._lock:
            return self.ledger.keep(arrivals, self._fault_of)

    def _fault_of(self, key: str, filing: Filing, times: int) -> str:
        settings, behavior = self._settings, self.behaviors.get(filing.npn)
        return of_request(settings.gateway_faults, behavior, seed=settings.seed, key=key, times=times)

    def _is_due(self) -> bool:
        return self.ledger.is_waiting(self._due())

    def _due(self) -> str:
        return time_text(datetime.now(UTC) - timedelta(seconds=self._settings.decide_after))

    def _decide_some(self) -> None:
        with self._lock:
            due = self.ledger.waiting(self._due(), _DECIDED_AT_ONCE)
            self._keep_decisions((one, self._decision(one)) for one in due)

    def _decision(self, one: Filed) -> Decision:
        settings, filing = self._settings, one.filing
        decision = decided(filing, self._find(filing.npn), settings.day())
        # Who has answered what was asked for is decided by the rules alone.
        if decision != ACCEPTED or one.waits_since != one.received_at:
            return decision
        fault = of_decision(
            settings.gateway_faults,
            self.behaviors.get(filing.npn),
            seed=settings.seed,
            content=filing.text(),
            times=self.ledger.same_before(one) + 1,
        )
        return BY_FAULT.get(fault, ACCEPTED)

    def _set_status(self, key: str, status: Status, words: str) -> Filed | None:
        with self._lock:
            one = self.ledger.filed([key]).get(key)
            if one is None:
                return None
            if one.status in (Status.ACCEPTED, Status.REJECTED):
                raise ValueError(f"the filing is {one.status} already, which is final")
            usual = {each.status: each for each in BY_FAULT.values()}.get(status, Decision(status))
            self._keep_decisions([(one, Decision(status, usual.code, words or usual.words))])
            return self.ledger.filed([key])[key]

    def _keep_decisions(self, decisions: Iterable[tuple[Filed, Decision]]) -> None:
        """Keep decisions, and what happens by them; each is made when those before it have happened."""
        at, today = now(), self._settings.day()
        changes: list[tuple[int, Change]] = []
        about: set[str] = set()
        try:
            for one, decision in decisions:
                final = decision.status in (Status.ACCEPTED, Status.REJECTED)
                effective = one.filing.effective_on
                if decision.status is Status.ACCEPTED:
                    effective = effective or today
                    _add(self._happened, one.filing, effective, today)
                    about.add(one.filing.npn)
                changes.append(
                    (
                        one.number,
                        Change(
                            decision.status,
                            decision.code,
                            decision.words,
                            None if effective is None else str(effective),
                            at if final else None,
                            str(today) if final else None,
                            at if decision.status is Status.SUBMITTED else one.waits_since,
                        ),
                    )
                )
            # Before they are kept: looking in vain does no harm, and not looking would miss them.
            self._look_again(about)
            self.ledger.decide(changes)
        except BaseException:
            self._happened = _happened(self.ledger.accepted())
            raise


def _happened(accepted: Iterable[Filed]) -> dict[str, tuple[tuple[date, Happening], ...]]:
    found: dict[str, tuple[tuple[date, Happening], ...]] = {}
    for one in accepted:
        if one.effective_on is not None and one.decided_on is not None:
            _add(found, one.filing, one.effective_on, one.decided_on)
    return found


def _add(
    found: dict[str, tuple[tuple[date, Happening], ...]], filing: Filing, effective_on: date, day: date
) -> None:
    """Add what happens by an accepted filing on a day."""
    found[filing.npn] = (*found.get(filing.npn, ()), (day, happening(filing, effective_on)))
