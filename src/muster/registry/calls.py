"""Calls to a registry, side by side, with one thread that speaks to the database.

A fixed number of calls is under way at any time, each in a thread that knows nothing of the database. One
thread alone speaks to the database: it claims a little ahead, and stores what has come back in batches. So a
slow answer holds up nobody, and no transaction is open during a call.
"""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from random import Random
from typing import Generic, TypeVar

from muster.core.sync import Failure, Pace, Pause, RetryPolicy
from muster.registry.port import BrokenAnswer, RegistryError, Throttled

log = logging.getLogger(__name__)

BATCH = 250
"""Answers stored at once, at most."""

SECONDS_AN_ANSWER_WAITS = 0.25
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_STOP = 5.0
LONGEST_PAUSE_WAITED_OUT = 60.0
"""Seconds. In a longer pause of the registry a drain ends; the sweeper starts another when it is over."""

CLAIMED_AHEAD = 8
"""For each call that may be under way: enough to call on while a batch is stored."""

FAULT_OF_OUR_OWN = "Muster came upon a fault of its own"

Claimed = TypeVar("Claimed")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Ended(Generic[Claimed, Result]):
    """What came of one call. Neither result nor error: it was not made."""

    claim: Claimed
    result: Result | None = None
    error: RegistryError | None = None


@dataclass(eq=False, kw_only=True)
class Calls(ABC, Generic[Claimed, Result]):
    """One run of calls, until nothing is left to claim, or something stops it.

    `claimed_ahead` are claimed for each call that may be under way, and none before there is room for
    `claims_at_least`. `stopped_by` is why the registry is left alone for long, where it is.
    """

    policy: RetryPolicy
    concurrency: int
    random: Random
    clock: Callable[[], datetime]
    should_stop: Callable[[], bool]
    claimed_ahead: int = CLAIMED_AHEAD
    claims_at_least: int = 0

    def __post_init__(self) -> None:
        self.pace = Pace(self.policy, self.random, patience=2 * self.concurrency)
        self.pace_lock = threading.Lock()
        self.stopping = threading.Event()
        self.stopped_by: Failure | None = None
        self.pauses: list[Pause] = []
        self.ended: SimpleQueue[Ended[Claimed, Result]] = SimpleQueue()
        self.flying: dict[int, Claimed] = {}
        self.oldest_at = 0.0
        self.look_at = 0.0
        self.pool = ThreadPoolExecutor(self.concurrency, thread_name_prefix="registry")

    # What is called, and what becomes of it ---------------------------------------------------------

    @abstractmethod
    def claim(self, limit: int) -> list[Claimed]:
        """Take up to so many that are due."""

    @abstractmethod
    def id_of(self, one: Claimed) -> int:
        """By what a claim is told from the others under way."""

    @abstractmethod
    def call(self, one: Claimed) -> Result:
        """Make the call, in a thread that knows nothing of the database. Raises RegistryError."""

    @abstractmethod
    def take(self, ended: Ended[Claimed, Result]) -> None:
        """Take in what has come, to be stored with others."""

    @abstractmethod
    def give_up(self, one: Claimed) -> None:
        """Take in that a call does not come to its end, and nobody waits for it any longer."""

    @abstractmethod
    def waiting(self) -> int:
        """How many answers wait to be stored."""

    @abstractmethod
    def store(self) -> None:
        """Store what waits for it."""

    @abstractmethod
    def note_pause(self, paused: Pause) -> None:
        """Write down why the registry is left alone, for other drains and for people."""

    # The run ----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Claim, call and store until nothing is due."""
        try:
            while True:
                if self.should_stop():
                    self.stopping.set()
                self._refill()
                if not self.flying:
                    break
                self._collect()
                if self._is_time_to_store():
                    self.store()
            self.store()
        finally:
            self.stopping.set()
            self.pool.shutdown(wait=False, cancel_futures=True)

    # In the threads of the pool ---------------------------------------------------------------------

    def _call(self, one: Claimed) -> None:
        """Make one call, when the registry may be asked."""
        while (seconds := self.pace.resumes_at - time.monotonic()) > 0 and not self.stopping.wait(seconds):
            pass
        if self.stopping.is_set():
            self.ended.put(Ended(one))
            return
        asked_at = time.monotonic()
        error: RegistryError | None = None
        result: Result | None = None
        try:
            result = self.call(one)
        except RegistryError as failed:
            error = failed
        except Exception as fault:
            # A fault of our own in reading one answer must not hold up all others.
            log.error("Reading an answer failed: %s", type(fault).__name__)
            error = BrokenAnswer(FAULT_OF_OUR_OWN)
        self._note(error, asked_at)
        self.ended.put(Ended(one, result, error))

    def _note(self, error: RegistryError | None, asked_at: float) -> None:
        """Slow down all calls as soon as the registry says so."""
        retry_after = error.retry_after if isinstance(error, Throttled) else None
        with self.pace_lock:
            paused = self.pace.note(
                error.failure if error else None,
                asked_at=asked_at,
                now=time.monotonic(),
                retry_after=retry_after,
            )
            if paused:
                self.pauses.append(paused)
                if paused.stop or paused.seconds > LONGEST_PAUSE_WAITED_OUT:
                    self.stopped_by = paused.failure
                    self.stopping.set()

    # In the thread that speaks to the database ------------------------------------------------------

    def submit(self, one: Claimed) -> None:
        """Have the call made as soon as a thread is free."""
        self.flying[self.id_of(one)] = one
        self.pool.submit(self._call, one)

    @property
    def is_paused(self) -> bool:
        """Whether the registry is left alone just now."""
        return self.pace.resumes_at > time.monotonic()

    def _refill(self) -> None:
        """Claim as many as are soon to be called for."""
        now = time.monotonic()
        room = self.concurrency * (1 + self.claimed_ahead) - len(self.flying)
        if self.stopping.is_set() or self.is_paused:
            return
        if room < max(self.concurrency, self.claims_at_least) or now < self.look_at:
            return
        claims = self.claim(room)
        if not claims:
            self.look_at = now + SECONDS_BETWEEN_LOOKS
        for one in claims:
            self.submit(one)

    def _collect(self) -> None:
        """Take in what has come; wait for the first, but not for long."""
        came = self._arrivals(SECONDS_TO_STOP if self.stopping.is_set() else SECONDS_AN_ANSWER_WAITS)
        self._note_pauses()
        if came and not self.waiting():
            self.oldest_at = time.monotonic()
        for ended in came:
            self.flying.pop(self.id_of(ended.claim))
            self.take(ended)
        if not came and self.stopping.is_set():
            # Calls that hang. A late answer finds its claim gone.
            for one in self.flying.values():
                self.give_up(one)
            self.flying.clear()

    def _arrivals(self, seconds: float) -> list[Ended[Claimed, Result]]:
        came: list[Ended[Claimed, Result]] = []
        with suppress(Empty):
            came.append(self.ended.get(timeout=seconds))
            while True:
                came.append(self.ended.get_nowait())
        return came

    def _note_pauses(self) -> None:
        with self.pace_lock:
            pauses, self.pauses = self.pauses, []
        for one in pauses:
            log.info("The registry is left alone for %.0f s: %s", one.seconds, one.failure.value)
            self.note_pause(one)

    def _is_time_to_store(self) -> bool:
        waiting = self.waiting()
        return waiting >= BATCH or (
            waiting > 0 and time.monotonic() - self.oldest_at > SECONDS_AN_ANSWER_WAITS
        )
