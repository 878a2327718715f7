"""Asking the registry how filings stand: those of which nobody knows whether they arrived, and those it has.

What never came goes back to where it waited, to be sent under the same key. What the registry has is asked
about again and again, ever more seldom, until it has decided.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from muster.core.gateway import SENTENCES, NeverCame, after_asking
from muster.core.sync import Failure, Pause, RetryPolicy, reason
from muster.core.transactions import ENDED, Status
from muster.registry.models import GatewayPause
from muster.registry.operations import end_pause, only_one, paused_until
from muster.registry.port import (
    MOST_KEYS,
    BrokenAnswer,
    Gateway,
    RegistryError,
    Standing,
    Throttled,
)
from muster.transactions.queue import defer_filing
from muster.transactions.settling import Told, settle
from muster.transactions.sql import statement
from muster.transactions.submitting import leave_alone, next_look, record_refusal

log = logging.getLogger(__name__)

# One number for "somebody asks how filings stand".
ASKING_LOCK = 0x6D75737465720004

NEVER_CAME = "The registry says that it never came. It will be sent again."
LOST = "The registry says that it has no such filing, though it had taken it. Ask the registry."

Answer = Standing | NeverCame | RegistryError


class Question(NamedTuple):
    """A filing that the registry is asked about; `was_held` says where it waited."""

    transaction_id: int
    organization_id: int
    producer_id: int
    key: UUID
    status: Status
    was_held: bool
    claimed_at: datetime


@dataclass(slots=True)
class Asked:
    """How many filings were asked about, how many are decided by now, and how many never came."""

    asked: int = 0
    decided: int = 0
    never_came: int = 0


def ask_due(
    *,
    gateway: Gateway,
    policy: RetryPolicy,
    random: Random,
    clock: Callable[[], datetime],
    should_stop: Callable[[], bool] = lambda: False,
) -> Asked:
    """Ask about all filings that are due, until none is; return at once if another is at it."""
    done = Asked()
    with only_one(ASKING_LOCK) as held:
        while held and not should_stop() and not paused_until(now=clock(), of=GatewayPause):
            questions = _due(clock())
            if not questions or not _ask(gateway, policy, random, clock, should_stop, questions, done):
                break
    return done


def question_due_at() -> datetime | None:
    """When the registry is next to be asked about a filing; None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(statement("question_due_at"))
        found: datetime | None = cursor.fetchone()[0]
        return found


def _due(now: datetime) -> list[Question]:
    with connection.cursor() as cursor:
        cursor.execute(statement("due_questions"), {"now": now, "limit": MOST_KEYS})
        return [Question._make(row)._replace(status=Status(row[4])) for row in cursor.fetchall()]


def _ask(
    gateway: Gateway,
    policy: RetryPolicy,
    random: Random,
    clock: Callable[[], datetime],
    should_stop: Callable[[], bool],
    questions: Sequence[Question],
    done: Asked,
) -> bool:
    """Ask about these; return whether the registry may be asked more."""
    attempts = _begin(questions, clock())
    answers = _answers(gateway, questions, should_stop)
    now = clock()
    again_at = now + timedelta(seconds=policy.wait(1, random))
    told = [
        _told(one, answers[one.key], attempts.get(one.transaction_id), now=now, again_at=again_at)
        for one in questions
        if one.key in answers
    ]
    settle(told, now=now)
    failures = [answer for answer in answers.values() if isinstance(answer, RegistryError)]
    if len(failures) < len(answers):
        end_pause(of=GatewayPause)
    for failure in failures[:1]:
        _leave_alone(failure, policy, random, questions, now)
    never_came = [one for one in told if one.outcome == NeverCame.NEVER_CAME and one.next_at]
    done.asked += len(told)
    done.decided += sum(one.status in ENDED for one in told)
    done.never_came += len(never_came)
    if any(one.status is not one.before for one in never_came):
        defer_filing()
    return not failures


def _begin(questions: Sequence[Question], now: datetime) -> dict[int, int]:
    """Put on record that it is asked whether something arrived; the call's id by transaction."""
    unknown = [one.transaction_id for one in questions if one.status is Status.OUTCOME_UNKNOWN]
    if not unknown:
        return {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement("begin_asking"), {"ids": unknown, "now": now})
        return dict(cursor.fetchall())


def _answers(
    gateway: Gateway, questions: Sequence[Question], should_stop: Callable[[], bool]
) -> Mapping[UUID, Answer]:
    """What the registry says of each; asked one by one where its list cannot be read."""
    keys = [one.key for one in questions]
    try:
        return {key: _answer(standing) for key, standing in gateway.standings(keys).items()}
    except BrokenAnswer:
        return {key: _asked_alone(gateway, key) for key in keys if not should_stop()}
    except RegistryError as error:
        return dict.fromkeys(keys, error)


def _asked_alone(gateway: Gateway, key: UUID) -> Answer:
    try:
        return _answer(gateway.ask(key))
    except RegistryError as error:
        return error


def _answer(standing: Standing | None) -> Answer:
    return NeverCame.NEVER_CAME if standing is None else standing


def _told(
    one: Question, answer: Answer, attempt_id: int | None, *, now: datetime, again_at: datetime
) -> Told:
    """What the answer makes of it. Where there was none, it is asked about again at `again_at`."""
    waited = Status.HELD if one.was_held else Status.READY
    told = Told(
        one.transaction_id,
        one.producer_id,
        one.status,
        one.claimed_at,
        one.status,
        next_look(one.claimed_at, one.status, now=now),
        attempt_id=attempt_id,
    )
    if isinstance(answer, RegistryError):
        words = reason(answer.failure, answer.words, sentences=SENTENCES)
        return told._replace(next_at=again_at, note=words, outcome=answer.failure.value, words=words)
    if isinstance(answer, NeverCame):
        status = after_asking(answer, now=one.status, waited=waited)
        told = told._replace(status=status, outcome=answer.value)
        return (
            told._replace(note=LOST) if status is one.status else told._replace(next_at=now, note=NEVER_CAME)
        )
    status = after_asking(answer.status, now=one.status, waited=waited)
    return told._replace(
        status=status,
        next_at=next_look(one.claimed_at, status, now=now),
        standing=answer,
        outcome=answer.status.value,
    )


def _leave_alone(
    error: RegistryError, policy: RetryPolicy, random: Random, questions: Sequence[Question], now: datetime
) -> None:
    """Leave the gateway alone for a while, where it wants to be left."""
    if error.failure is Failure.THROTTLED:
        told = error.retry_after if isinstance(error, Throttled) else None
        seconds = policy.wait(1, random) if told is None else told
    elif error.failure is Failure.UNAUTHORIZED:
        seconds = policy.longest_wait
        record_refusal(organization_ids={one.organization_id for one in questions})
    else:
        return
    leave_alone(Pause(seconds, error.failure), now=now)
