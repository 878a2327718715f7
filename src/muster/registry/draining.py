"""Draining the queue: claims, fetches and stores run side by side until nothing is due.

A fixed number of calls is under way at any time, each in a thread that knows nothing of the database. One
thread alone speaks to the database: it claims a little ahead, and stores what has come back in batches. So a
slow answer holds up nobody, and no transaction is open during a call. Killing the process at any instant
loses nothing: what was claimed is queued again by the next drain, or by the sweeper.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from random import Random

from muster.core.report import ProducerReport
from muster.core.sync import AfterFailure, Failure, Pace, Pause, RetryPolicy, judge, reason
from muster.registry.operations import (
    Claim,
    SetBack,
    claim,
    drain_lock,
    due_at,
    end_pause,
    pause,
    paused_until,
    record_refusal,
    release_orphans,
    set_back,
)
from muster.registry.port import BrokenAnswer, Registry, RegistryError, Throttled
from muster.registry.storing import Told, store_reports

log = logging.getLogger(__name__)

BATCH = 250
"""Reports stored at once, at most."""

SECONDS_A_REPORT_WAITS = 0.25
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_STOP = 5.0
LONGEST_PAUSE_WAITED_OUT = 60.0
"""Seconds. In a longer pause of the registry the drain ends; the sweeper starts another when it is over."""

CLAIMED_AHEAD = 8
"""For each call that may be under way, so many are claimed: enough to fetch on while a batch is stored."""


@dataclass(slots=True)
class Drained:
    """What a drain has done: producers stored, and those set back. `refused`: our password was not taken."""

    stored: int = 0
    set_back: int = 0
    refused: bool = False

    @property
    def count(self) -> int:
        """How many producers it has dealt with."""
        return self.stored + self.set_back


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking for one producer. Neither report nor error: it was not asked for."""

    claim: Claim
    report: ProducerReport | None = None
    error: RegistryError | None = None


def drain(
    *,
    registry: Registry,
    policy: RetryPolicy,
    concurrency: int,
    random: Random,
    clock: Callable[[], datetime],
    should_stop: Callable[[], bool] = lambda: False,
) -> Drained:
    """Sync all producers that are due, until none is; return at once if another drain is at it.

    `clock` gives the time of the database's rows, `should_stop` is asked now and then.
    """
    done = Drained()
    while (due := due_at()) and due <= clock() and not paused_until(now=clock()) and not should_stop():
        before = done.count
        with drain_lock() as held:
            if not held:
                break
            release_orphans(now=clock())
            _Drain(registry, policy, concurrency, random, clock, should_stop, done).run()
        # Once more, without the lock: whoever found it taken a moment ago has left its producers to us.
        # Unless what is due is locked by somebody else: then the sweeper comes back to it.
        if done.count == before:
            break
    return done


@dataclass(eq=False)
class _Drain:
    registry: Registry
    policy: RetryPolicy
    concurrency: int
    random: Random
    clock: Callable[[], datetime]
    should_stop: Callable[[], bool]
    done: Drained

    def __post_init__(self) -> None:
        self.pace = Pace(self.policy, self.random, patience=2 * self.concurrency)
        self.pace_lock = threading.Lock()
        self.stopping = threading.Event()
        self.stopped_by: Failure | None = None
        self.pauses: list[Pause] = []
        self.answers: SimpleQueue[Answer] = SimpleQueue()
        self.flying: dict[int, Claim] = {}
        self.reports: list[Told] = []
        self.failed: list[SetBack] = []
        self.oldest_at = 0.0
        self.look_at = 0.0

    def run(self) -> None:
        pool = ThreadPoolExecutor(self.concurrency, thread_name_prefix="registry")
        try:
            while True:
                if self.should_stop():
                    self.stopping.set()
                self.refill(pool)
                if not self.flying:
                    break
                self.collect(pool)
                if self.is_time_to_store():
                    self.store()
            self.store()
        finally:
            self.stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)

    # In the threads of the pool ---------------------------------------------------------------------

    def ask(self, one: Claim) -> None:
        """Ask for one producer, when the registry may be asked."""
        while (seconds := self.pace.resumes_at - time.monotonic()) > 0 and not self.stopping.wait(seconds):
            pass
        if self.stopping.is_set():
            self.answers.put(Answer(one))
            return
        asked_at = time.monotonic()
        error: RegistryError | None = None
        report: ProducerReport | None = None
        try:
            report = self.registry.fetch_report(one.npn, one.kind)
        except RegistryError as failed:
            error = failed
        except Exception as fault:
            # A fault of our own in reading one answer must not hold up all others.
            log.error("Reading an answer failed: %s", type(fault).__name__)
            error = BrokenAnswer("Muster came upon a fault of its own")
        self.note(error, asked_at)
        self.answers.put(Answer(one, report, error))

    def note(self, error: RegistryError | None, asked_at: float) -> None:
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

    def refill(self, pool: ThreadPoolExecutor) -> None:
        """Claim as many as are soon to be asked for."""
        now = time.monotonic()
        room = self.concurrency * (1 + CLAIMED_AHEAD) - len(self.flying)
        if self.stopping.is_set() or self.pace.resumes_at > now:
            return
        if room < self.concurrency or now < self.look_at:
            return
        claims = claim(limit=room, now=self.clock())
        if not claims:
            self.look_at = now + SECONDS_BETWEEN_LOOKS
        for one in claims:
            self.submit(pool, one)

    def submit(self, pool: ThreadPoolExecutor, one: Claim) -> None:
        self.flying[one.producer_id] = one
        pool.submit(self.ask, one)

    def collect(self, pool: ThreadPoolExecutor) -> None:
        """Take in the answers that have come; wait for the first, but not for long."""
        came = self.arrivals(SECONDS_TO_STOP if self.stopping.is_set() else SECONDS_A_REPORT_WAITS)
        self.persist_pauses()
        if came and not (self.reports or self.failed):
            self.oldest_at = time.monotonic()
        for answer in came:
            self.flying.pop(answer.claim.producer_id)
            self.take(pool, answer)
        if not came and self.stopping.is_set():
            # Calls that hang: theirs are queued again at once, and a late answer finds its claim gone.
            self.failed += [self.not_asked(one) for one in self.flying.values()]
            self.flying.clear()

    def arrivals(self, seconds: float) -> list[Answer]:
        came: list[Answer] = []
        with suppress(Empty):
            came.append(self.answers.get(timeout=seconds))
            while True:
                came.append(self.answers.get_nowait())
        return came

    def take(self, pool: ThreadPoolExecutor, answer: Answer) -> None:
        if answer.report is not None:
            self.reports.append((answer.claim, answer.report))
            return
        if answer.error is None:
            self.failed.append(self.not_asked(answer.claim))
            return
        failure, one = answer.error.failure, answer.claim
        verdict = judge(
            failure, attempts=one.attempts, throttles=one.throttles, policy=self.policy, random=self.random
        )
        if (
            failure is Failure.THROTTLED
            and verdict.status is AfterFailure.QUEUED
            and not self.stopping.is_set()
        ):
            one.throttles += 1
            self.submit(pool, one)
            return
        next_at = None if verdict.wait is None else self.clock() + timedelta(seconds=verdict.wait)
        self.failed.append(
            SetBack(one, verdict.status, reason(failure, answer.error.words), verdict.attempts, next_at)
        )

    def not_asked(self, one: Claim) -> SetBack:
        why = reason(self.stopped_by) if self.stopped_by else ""
        return SetBack(one, AfterFailure.QUEUED, why, one.attempts, self.clock())

    def persist_pauses(self) -> None:
        """Write down why the registry is left alone, for the other drains and for people."""
        with self.pace_lock:
            pauses, self.pauses = self.pauses, []
        for one in pauses:
            pause(seconds=one.seconds, failure=one.failure, now=self.clock())
            log.info("The registry is left alone for %.0f s: %s", one.seconds, one.failure.value)
            if one.stop and not self.done.refused:
                self.done.refused = True
                record_refusal(claims=[*self.flying.values(), *(each.claim for each in self.failed)])

    def is_time_to_store(self) -> bool:
        waiting = len(self.reports) + len(self.failed)
        return waiting >= BATCH or (
            waiting > 0 and time.monotonic() - self.oldest_at > SECONDS_A_REPORT_WAITS
        )

    def store(self) -> None:
        """Store what has come."""
        now = self.clock()
        if self.reports and self.pace.resumes_at <= time.monotonic():
            end_pause()
        for one in store_reports(reports=self.reports, now=now):
            words = "what it says cannot be stored"
            self.failed.append(
                SetBack(
                    one,
                    AfterFailure.RETRY_ERROR,
                    reason(Failure.BROKEN_ANSWER, words),
                    one.attempts + 1,
                    None,
                )
            )
        set_back(producers=self.failed, now=now)
        self.done.stored += len(self.reports)
        self.done.set_back += len(self.failed)
        self.reports, self.failed = [], []
