"""Draining the queue: claims, fetches and stores run side by side until nothing is due.

See `muster.registry.calls`. Killing the process at any instant loses nothing: what was claimed is queued
again by the next drain, or by the sweeper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from muster.core.report import ProducerReport
from muster.core.sync import AfterFailure, Failure, Pause, RetryPolicy, judge, reason
from muster.registry.calls import Calls, Ended
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
from muster.registry.port import Registry
from muster.registry.storing import Told, store_reports


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
            _Drain(
                policy=policy,
                concurrency=concurrency,
                random=random,
                clock=clock,
                should_stop=should_stop,
                registry=registry,
                done=done,
            ).run()
        # Once more, without the lock: whoever found it taken a moment ago has left its producers to us.
        # Unless what is due is locked by somebody else: then the sweeper comes back to it.
        if done.count == before:
            break
    return done


@dataclass(eq=False, kw_only=True)
class _Drain(Calls[Claim, ProducerReport]):
    registry: Registry
    done: Drained

    def __post_init__(self) -> None:
        super().__post_init__()
        self.reports: list[Told] = []
        self.failed: list[SetBack] = []

    def claim(self, limit: int) -> list[Claim]:
        return claim(limit=limit, now=self.clock())

    def id_of(self, one: Claim) -> int:
        return one.producer_id

    def call(self, one: Claim) -> ProducerReport:
        return self.registry.fetch_report(one.npn, one.kind)

    def take(self, ended: Ended[Claim, ProducerReport]) -> None:
        if ended.result is not None:
            self.reports.append((ended.claim, ended.result))
            return
        if ended.error is None:
            self.give_up(ended.claim)
            return
        failure, one = ended.error.failure, ended.claim
        verdict = judge(
            failure, attempts=one.attempts, throttles=one.throttles, policy=self.policy, random=self.random
        )
        if (
            failure is Failure.THROTTLED
            and verdict.status is AfterFailure.QUEUED
            and not self.stopping.is_set()
        ):
            one.throttles += 1
            self.submit(one)
            return
        next_at = None if verdict.wait is None else self.clock() + timedelta(seconds=verdict.wait)
        self.failed.append(
            SetBack(one, verdict.status, reason(failure, ended.error.words), verdict.attempts, next_at)
        )

    def give_up(self, one: Claim) -> None:
        """Queue again at once: to ask twice does no harm."""
        why = reason(self.stopped_by) if self.stopped_by else ""
        self.failed.append(SetBack(one, AfterFailure.QUEUED, why, one.attempts, self.clock()))

    def note_pause(self, paused: Pause) -> None:
        pause(seconds=paused.seconds, failure=paused.failure, now=self.clock())
        if paused.stop and not self.done.refused:
            self.done.refused = True
            record_refusal(claims=[*self.flying.values(), *(each.claim for each in self.failed)])

    def waiting(self) -> int:
        return len(self.reports) + len(self.failed)

    def store(self) -> None:
        """Store what has come."""
        now = self.clock()
        if self.reports and not self.is_paused:
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
