"""Filing what was released: claims, calls and answers run side by side until nothing is due.

See `muster.registry.calls`. A claim is committed, with its key, before its call is made; what the call comes
to is committed after it; no transaction of the database is open in between. Killing the process at any
instant loses nothing and files nothing twice: what it was sending is asked about by its key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.core.gateway import DECIDED, FIRST_LOOK, SENTENCES, Arrival, after_sending, wait_as_long_again
from muster.core.sync import Failure, Pause, RetryPolicy, reason
from muster.core.transactions import Status
from muster.registry.calls import Calls, Ended
from muster.registry.models import GatewayPause
from muster.registry.operations import end_pause, pause, paused_until
from muster.registry.port import Gateway, RegistryError, Standing
from muster.transactions.claiming import Claim, Judge, adopt, claim, filing_due_at, filing_lock
from muster.transactions.queue import defer_following
from muster.transactions.settling import Told, settle

log = logging.getLogger(__name__)

CLAIMED_AHEAD = 32
CLAIMS_AT_LEAST = 16
"""For each call that may be under way. Many are claimed at once, for judging costs much the same for few."""

NOT_SENT = "not_sent"
NO_ANSWER = "no_answer"

ASKED_LATER = "The registry will be asked whether it arrived."
SENT_AGAIN = "It did not arrive, and will be sent again."


@dataclass(slots=True)
class Filed:
    """What a drain has done: answers written, and claims that were dealt with otherwise."""

    answered: int = 0
    set_back: int = 0
    refused: bool = False

    @property
    def count(self) -> int:
        """How many transactions it has dealt with."""
        return self.answered + self.set_back


def file_released(
    *,
    gateway: Gateway,
    judge: Judge,
    policy: RetryPolicy,
    concurrency: int,
    quiet: timedelta,
    random: Random,
    clock: Callable[[], datetime],
    should_stop: Callable[[], bool] = lambda: False,
) -> Filed:
    """File all that was released and is due, until nothing is; return at once if another drain is at it.

    `quiet` is how long an answer can be under way: after that, what had none is asked about. `clock` gives
    the time of the database's rows, `should_stop` is asked now and then.
    """
    done = Filed()
    while not should_stop() and not paused_until(now=clock(), of=GatewayPause):
        before = done.count
        with filing_lock() as held:
            if not held:
                break
            if adopt(quiet=quiet, now=clock()):
                defer_following(at=clock() + quiet)
            if not (due := filing_due_at()) or due > clock():
                break
            _Filing(
                policy=policy,
                concurrency=concurrency,
                random=random,
                clock=clock,
                should_stop=should_stop,
                claimed_ahead=CLAIMED_AHEAD,
                claims_at_least=CLAIMS_AT_LEAST * concurrency,
                gateway=gateway,
                judge=judge,
                quiet=quiet,
                done=done,
            ).run()
        # Once more, without the lock: whoever found it taken a moment ago has left what is due to us. Unless
        # what is due is locked by somebody else: then the sweeper comes back to it.
        if done.count == before:
            break
    return done


@dataclass(eq=False, kw_only=True)
class _Filing(Calls[Claim, Standing]):
    gateway: Gateway
    judge: Judge
    quiet: timedelta
    done: Filed

    def __post_init__(self) -> None:
        super().__post_init__()
        self.told: list[Told] = []
        self.is_followed = False
        self.was_paused = True

    def claim(self, limit: int) -> list[Claim]:
        claimed = claim(limit=limit, judge=self.judge, now=self.clock())
        self.done.set_back += claimed.dropped
        return claimed.claims

    def id_of(self, one: Claim) -> int:
        return one.transaction_id

    def call(self, one: Claim) -> Standing:
        return self.gateway.submit(one.filing, one.key)

    def take(self, ended: Ended[Claim, Standing]) -> None:
        if ended.result is not None:
            self.told.append(answered(ended.claim, ended.result, now=self.clock()))
        elif ended.error is not None:
            self.told.append(self.failed(ended.claim, ended.error))
        else:
            why = reason(self.stopped_by, sentences=SENTENCES) if self.stopped_by else ""
            self.told.append(self.set_back(ended.claim, outcome=NOT_SENT, note=why, wait=0.0))

    def give_up(self, one: Claim) -> None:
        """It may have arrived."""
        note = f"{reason(Failure.TIMED_OUT, sentences=SENTENCES)} {ASKED_LATER}"
        self.told.append(self.unknown(one, outcome=NO_ANSWER, note=note))

    def failed(self, one: Claim, error: RegistryError) -> Told:
        """What becomes of one that got no answer."""
        words, outcome = reason(error.failure, error.words, sentences=SENTENCES), error.failure.value
        if error.failure is Failure.CONFLICT:
            log.error("Transaction %s: the registry has another filing under its key.", one.transaction_id)
        status = after_sending(error.arrival, waited=one.waited)
        if status is Status.OUTCOME_UNKNOWN:
            return self.unknown(one, outcome=outcome, note=f"{words} {ASKED_LATER}", words=words)
        if status is Status.REJECTED:
            refusal = Standing(one.key, "", Status.REJECTED, "", error.words or words)
            return answered(one, refusal, now=self.clock())._replace(outcome=outcome, words=words)
        wait = self.policy.wait(one.attempts, self.random)
        return self.set_back(one, outcome=outcome, note=f"{words} {SENT_AGAIN}", wait=wait, words=words)

    def unknown(self, one: Claim, *, outcome: str, note: str, words: str = "") -> Told:
        return Told(
            one.transaction_id,
            one.producer_id,
            Status.SUBMITTING,
            one.claimed_at,
            Status.OUTCOME_UNKNOWN,
            # It was claimed long before it was sent, if the registry was slow.
            self.clock() + self.quiet,
            note,
            attempt_id=one.attempt_id,
            outcome=outcome,
            words=words,
        )

    def set_back(self, one: Claim, *, outcome: str, note: str, wait: float, words: str = "") -> Told:
        return Told(
            one.transaction_id,
            one.producer_id,
            Status.SUBMITTING,
            one.claimed_at,
            after_sending(Arrival.SURELY_NOT, waited=one.waited),
            self.clock() + timedelta(seconds=wait),
            note,
            attempt_id=one.attempt_id,
            outcome=outcome,
            words=words,
        )

    def note_pause(self, paused: Pause) -> None:
        self.was_paused = True
        leave_alone(paused, now=self.clock())
        if paused.stop and not self.done.refused:
            self.done.refused = True
            record_refusal(organization_ids={one.organization_id for one in self.flying.values()})

    def waiting(self) -> int:
        return len(self.told)

    def store(self) -> None:
        """Write what has come."""
        now = self.clock()
        has_answers = any(one.standing for one in self.told)
        if has_answers and self.was_paused and not self.is_paused:
            end_pause(of=GatewayPause)
            self.was_paused = False
        settle(self.told, now=now)
        if has_answers and not self.is_followed:
            self.is_followed = True
            defer_following(at=now + timedelta(seconds=FIRST_LOOK))
        answers = sum(one.standing is not None for one in self.told)
        self.done.answered += answers
        self.done.set_back += len(self.told) - answers
        self.told = []


def answered(one: Claim, standing: Standing, *, now: datetime) -> Told:
    """What becomes of one of which the registry says how it stands."""
    status = after_sending(standing.status, waited=one.waited)
    return Told(
        one.transaction_id,
        one.producer_id,
        Status.SUBMITTING,
        one.claimed_at,
        status,
        next_look(one.claimed_at, status, now=now),
        standing=standing,
        attempt_id=one.attempt_id,
        outcome=standing.status.value,
    )


def next_look(claimed_at: datetime, status: Status, *, now: datetime) -> datetime | None:
    """When the registry is next asked how a filing stands; None once it has decided."""
    if status in DECIDED:
        return None
    return now + timedelta(seconds=wait_as_long_again((now - claimed_at).total_seconds()))


def leave_alone(paused: Pause, *, now: datetime) -> None:
    """Leave the gateway alone for a while, where every drain and every page can see it."""
    pause(seconds=paused.seconds, failure=paused.failure, now=now, of=GatewayPause, sentences=SENTENCES)


def record_refusal(*, organization_ids: Iterable[int]) -> None:
    """Tell every organization concerned, on record, that the registry refused our user name or password."""
    Event.objects.bulk_create(
        Event(
            kind=EventKind.FILINGS_REFUSED,
            organization_id=organization_id,
            data={"reason": reason(Failure.UNAUTHORIZED, sentences=SENTENCES)},
        )
        for organization_id in sorted(set(organization_ids))
    )
