"""Looking up the producers of files that are to be onboarded, many at once, as the sync asks the registry.

It shares the sync's lock, limits, pauses and retries; people wait for it, so a sync makes way. Killing the
process at any instant loses nothing: what was claimed is claimed again by whoever has the lock next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from muster.bulk.store import as_json
from muster.core.columns import without_ssns
from muster.core.findings import Finding, finding
from muster.core.onboarding import DraftStatus
from muster.core.onboarding_facts import facts_of
from muster.core.report import ProducerReport
from muster.core.sync import AfterFailure, Failure, Pause, RetryPolicy, judge, names_differ
from muster.onboarding.looking_up import agency_told, no_answer
from muster.onboarding.models import Draft, as_kept
from muster.onboarding.sql import statement
from muster.registry.calls import Calls, Ended
from muster.registry.operations import drain_lock, end_pause, forget_on_crash, pause, paused_until
from muster.registry.port import Registry
from muster.vault import blind_index

CLAIMS_AT_LEAST = 4
"""For each call that may be under way. A claim looks through what waits: few large ones cost the least."""


@dataclass(slots=True)
class Claim:
    """A draft that is being looked up. `version` tells its claim from every other, earlier or later."""

    draft_id: int
    npn: str
    attempts: int
    version: int
    last_name: str
    ssn_index: str | None
    throttles: int = field(default=0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a claimed draft."""

    claim: Claim
    status: DraftStatus
    attempts: int
    facts: Mapping[str, Any] | None = None
    why: Finding | None = None
    next_at: datetime | None = None


@dataclass(slots=True)
class Retrieved:
    """What looking up has done; `held_up`: somebody else asks the registry just now."""

    answered: int = 0
    held_up: bool = False


def retrieve_due_at(*, now: datetime) -> datetime | None:
    """When the next draft of a file is to be looked up, `now` if at once; None if none waits."""
    waits = Draft.objects.filter(operation__isnull=False, status=DraftStatus.IDENTIFIED)
    if waits.filter(next_at=None).exists():
        return now
    due: datetime | None = waits.aggregate(first=Min("next_at"))["first"]
    return due


def has_orphans() -> bool:
    """Whether drafts are claimed, be it by a process that died."""
    return Draft.objects.filter(operation__isnull=False, status=DraftStatus.RETRIEVING).exists()


def waits_for_look_up(*, now: datetime) -> bool:
    """Whether producers of a file wait to be looked up now."""
    due = retrieve_due_at(now=now)
    return due is not None and due <= now


def retrieve(
    *,
    registry: Registry,
    policy: RetryPolicy,
    concurrency: int,
    random: Random,
    clock: Callable[[], datetime],
    should_stop: Callable[[], bool] = lambda: False,
) -> Retrieved:
    """Look up all that are due, until none is; return at once if somebody else asks the registry."""
    done = Retrieved()
    while not paused_until(now=clock()) and not should_stop():
        if not (waits_for_look_up(now=clock()) or has_orphans()):
            break
        before = done.answered
        with drain_lock() as held:
            if not held:
                done.held_up = True
                break
            release_orphans()
            _Retrieval(
                policy=policy,
                concurrency=concurrency,
                random=random,
                clock=clock,
                should_stop=should_stop,
                registry=registry,
                done=done,
                claims_at_least=CLAIMS_AT_LEAST * concurrency,
            ).run()
        if done.answered == before:
            break
    return done


def release_orphans() -> int:
    """Let what a process that died had claimed be claimed again; only for who holds the lock."""
    held = Draft.objects.filter(operation__isnull=False, status=DraftStatus.RETRIEVING)
    return held.update(status=DraftStatus.IDENTIFIED, next_at=None)


@dataclass(eq=False, kw_only=True)
class _Retrieval(Calls[Claim, ProducerReport]):
    registry: Registry
    done: Retrieved

    def __post_init__(self) -> None:
        super().__post_init__()
        self.answers: list[Answer] = []

    def claim(self, limit: int) -> list[Claim]:
        with transaction.atomic(), connection.cursor() as cursor:
            forget_on_crash(cursor)
            cursor.execute(statement("claim_drafts"), {"limit": limit, "now": self.clock()})
            return [Claim(*row) for row in cursor.fetchall()]

    def id_of(self, one: Claim) -> int:
        return one.draft_id

    def call(self, one: Claim) -> ProducerReport:
        return self.registry.fetch_report(one.npn, "individual")

    def take(self, ended: Ended[Claim, ProducerReport]) -> None:
        one = ended.claim
        if ended.result is not None:
            self.answers.append(told_of(one, ended.result, now=self.clock()))
            return
        if ended.error is None:
            self.give_up(one)
            return
        failure = ended.error.failure
        verdict = judge(
            failure, attempts=one.attempts, throttles=one.throttles, policy=self.policy, random=self.random
        )
        throttled = failure is Failure.THROTTLED and verdict.status is AfterFailure.QUEUED
        if throttled and not self.stopping.is_set():
            one.throttles += 1
            self.submit(one)
            return
        if verdict.wait is not None:
            next_at = self.clock() + timedelta(seconds=verdict.wait)
            why = no_answer(ended.error)
            self.answers.append(
                Answer(one, DraftStatus.IDENTIFIED, verdict.attempts, why=why, next_at=next_at)
            )
            return
        nobody = failure is Failure.NOT_FOUND
        why = (
            finding("ONBOARD-E005", field="NPN", value=one.npn, npn=one.npn)
            if nobody
            else no_answer(ended.error)
        )
        self.answers.append(Answer(one, DraftStatus.FAILED, verdict.attempts, why=why))

    def give_up(self, one: Claim) -> None:
        """Look it up again later: to ask twice does no harm."""
        self.answers.append(Answer(one, DraftStatus.IDENTIFIED, one.attempts))

    def note_pause(self, paused: Pause) -> None:
        pause(seconds=paused.seconds, failure=paused.failure, now=self.clock())

    def waiting(self) -> int:
        return len(self.answers)

    def store(self) -> None:
        """Store what has come."""
        if not self.answers:
            return
        told = [one for one in self.answers if one.facts is not None]
        if told and not self.is_paused:
            end_pause()
        keep(self.answers, now=self.clock())
        self.done.answered += len(self.answers)
        self.answers = []


def told_of(one: Claim, report: ProducerReport, *, now: datetime) -> Answer:
    """Whether the report is of whom the row names: a person, whose last name and SSN say nothing else."""
    facts = facts_of(report, today=timezone.localdate(now))
    why = agency_told(report)
    if why is not None:
        return Answer(one, DraftStatus.FAILED, one.attempts, why=why)
    if names_differ("", one.last_name, "", report.last_name):
        why = finding("ONBOARD-E014", field="Last Name", value=without_ssns(one.last_name), npn=one.npn)
    elif one.ssn_index and report.ssn and blind_index(report.ssn) != one.ssn_index:
        why = finding("ONBOARD-E015", field="SSN", npn=one.npn)
    status = DraftStatus.FAILED if why else DraftStatus.READY
    return Answer(one, status, one.attempts, facts=None if why else facts, why=why)


def keep(answers: list[Answer], *, now: datetime) -> None:
    """Write what became of claimed drafts, in one statement."""
    with transaction.atomic(), connection.cursor() as cursor:
        forget_on_crash(cursor)
        cursor.execute(
            statement("keep_answers"),
            # One document: in an array of documents every quote of each is escaped once more.
            {"answers": as_json([_kept(one) for one in answers]), "now": now},
        )


def _kept(one: Answer) -> dict[str, Any]:
    return {
        "id": one.claim.draft_id,
        "version": one.claim.version,
        "status": one.status.value,
        "facts": one.facts,
        "why": as_kept(one.why) if one.why else None,
        "attempts": one.attempts,
        "next_at": one.next_at and one.next_at.isoformat(),
    }


class StillAsked(NamedTuple):
    """Producers of a file who were asked for in vain, and are asked for again: why, how many, and when."""

    why: str
    producers: int
    again_at: datetime | None


def still_asked(operation_id: UUID) -> tuple[int, list[StillAsked]]:
    """How many of a file wait for their first answer; and those who are asked for again, by the reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(why -> 'params' ->> 'why', ''), count(*), min(next_at) FROM onboarding_draft
            WHERE operation_id = %s AND status IN ('identified', 'retrieving')
            GROUP BY 1 ORDER BY 2 DESC, 1""",
            [operation_id],
        )
        told = [StillAsked(*row) for row in cursor.fetchall()]
    return sum(one.producers for one in told if not one.why), [one for one in told if one.why]


def counts_of(operation_id: UUID) -> dict[str, int]:
    """How many drafts of a file are in each status."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, count(*) FROM onboarding_draft WHERE operation_id = %s GROUP BY status",
            [operation_id],
        )
        return dict(cursor.fetchall())
