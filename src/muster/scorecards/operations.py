"""Judging many producers at once: verdicts are worked out here, and what differs is written set-wise."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction

from muster.bulk.collection import without_collection
from muster.bulk.deadlocks import again_after_deadlock
from muster.core.faults import told_without_data
from muster.core.health import judge_appointments
from muster.core.rulebook import digest
from muster.core.scorecard import Verdict, Wanted, judge
from muster.history.context import changing
from muster.history.models import Source
from muster.scorecards.facts import Known, known_of
from muster.scorecards.models import Rules
from muster.scorecards.sql import statement

log = logging.getLogger(__name__)

CHUNK = 250
"""So many producers are judged, and locked, at a time; Python does not search them for cycles meanwhile."""

TRIES = 3

CARD_COLUMNS = (
    "assignment_id, organization_id, producer_id, percent, lines, ready, unknown, good_until, judged_at"
)
GAP_COLUMNS = "organization_id, scorecard_id, state, kind, lines"


@dataclass(slots=True)
class Differences:
    """What is to be written of a chunk; `good_until` is by producer."""

    new_cards: list[tuple[Any, ...]] = field(default_factory=list)
    changed_cards: list[tuple[Any, ...]] = field(default_factory=list)
    new_gaps: list[tuple[Any, ...]] = field(default_factory=list)
    gaps_gone: list[tuple[int, str, str]] = field(default_factory=list)
    healths: list[tuple[int, str, str]] = field(default_factory=list)
    good_until: dict[int, date] = field(default_factory=dict)

    def holds(self, producer_id: int, through: date | None) -> None:
        """Note that something judged of the producer holds through a day."""
        before = self.good_until.get(producer_id)
        if through is not None and (before is None or through < before):
            self.good_until[producer_id] = through


def judge_producers(*, producer_ids: Sequence[int], today: date, now: datetime) -> None:
    """Judge all assignments and appointments of these producers as of `today`, and write what differs.

    Each chunk is a transaction of its own, or all are part of the caller's. Producers are locked in the order
    of their ids. Judging twice writes nothing.
    """
    ids = sorted(set(producer_ids))
    for start in range(0, len(ids), CHUNK):
        with without_collection(), transaction.atomic():
            _judge_chunk(ids[start : start + CHUNK], today, now)


def judge_stored(producer_ids: Sequence[int], today: date, now: datetime) -> None:
    """Judge the producers whose reports are stored in this transaction."""
    judge_producers(producer_ids=producer_ids, today=today, now=now)


def _judge_chunk(ids: list[int], today: date, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement("lock"), {"ids": ids})
        locked = cursor.fetchall()
        known = known_of({producer_id: was_synced for producer_id, _, was_synced in locked})
        cursor.execute(statement("assignments"), {"ids": list(known)})
        found = Differences()
        for row in cursor.fetchall():
            _judge_assignment(row, known, found, today, now)
        for producer_id, of in known.items():
            _judge_appointments(producer_id, of, found, today)
        _write(cursor, found, [(producer_id, organization) for producer_id, organization, _ in locked], now)


def _judge_assignment(
    row: tuple[Any, ...], known: dict[int, Known], found: Differences, today: date, now: datetime
) -> None:
    assignment_id, organization_id, producer_id, *wanted = row[:10]
    old, old_gaps = row[10:15], row[15]
    verdict = judge(Wanted(*wanted), known[producer_id].facts, today=today)
    found.holds(producer_id, verdict.good_until)
    card = (verdict.percent, len(verdict.lines), verdict.ready, verdict.unknown, verdict.good_until)
    if old[0] is None:
        found.new_cards.append((assignment_id, organization_id, producer_id, *card, now))
    elif card != old:
        found.changed_cards.append((assignment_id, *card))
    gaps = gaps_of(verdict)
    if not gaps and not old_gaps:
        return
    written = {(state, kind, int(lines)) for state, kind, lines in map(str.split, old_gaps)}
    found.new_gaps += [(organization_id, assignment_id, *gap) for gap in gaps - written]
    found.gaps_gone += [(assignment_id, state, kind) for state, kind, _ in written - gaps]


def gaps_of(verdict: Verdict) -> set[tuple[str, str, int]]:
    """The gaps of a verdict: state, kind, and how many lines have it."""
    counted = Counter((line.state, line.gap.value) for line in verdict.lines if line.gap)
    return {(state, kind, lines) for (state, kind), lines in counted.items()}


def _judge_appointments(producer_id: int, known: Known, found: Differences, today: date) -> None:
    facts = known.facts
    before, risks = None, ""
    healths = judge_appointments(facts.appointments, facts.licenses, facts.actions, today=today)
    for appointment, told, (old_health, old_risks) in zip(
        facts.appointments, healths, known.healths, strict=True
    ):
        if told is not before:
            # Those that nothing puts at risk share one verdict a state.
            found.holds(producer_id, told.good_until)
            risks, before = ",".join(told.risks), told
        if told.health != old_health or risks != old_risks:
            found.healths.append((appointment.id, told.health, risks))


def _write(cursor: Any, found: Differences, producers: list[tuple[int, int]], now: datetime) -> None:
    _copy(cursor, "scorecards_scorecard", CARD_COLUMNS, found.new_cards)
    if found.changed_cards:
        ids, percents, lines, ready, unknown, days = map(list, zip(*found.changed_cards, strict=True))
        cursor.execute(
            statement("change_cards"),
            {
                "ids": ids,
                "percents": percents,
                "lines": lines,
                "ready": ready,
                "unknown": unknown,
                "days": days,
                "now": now,
            },
        )
    if found.gaps_gone:
        ids, states, kinds = map(list, zip(*found.gaps_gone, strict=True))
        cursor.execute(statement("drop_gaps"), {"ids": ids, "states": states, "kinds": kinds})
    _copy(cursor, "scorecards_gap", GAP_COLUMNS, found.new_gaps)
    if found.healths:
        ids, healths, risks = map(list, zip(*found.healths, strict=True))
        with changing(source=Source.MUSTER, at=now):
            cursor.execute(statement("change_health"), {"ids": ids, "healths": healths, "risks": risks})
    cursor.execute(
        statement("keep_judgments"),
        {
            "ids": [producer_id for producer_id, _ in producers],
            "organizations": [organization for _, organization in producers],
            "days": [found.good_until.get(producer_id) for producer_id, _ in producers],
            "now": now,
        },
    )


def _copy(cursor: Any, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    if rows:
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def sweep(*, today: date, now: datetime) -> int:
    """Judge producers with an assignment that was never judged, and those of whom a verdict has run out.

    That is everybody, once this process judges by other rules than those on record. Returns how many were
    judged. One that cannot be judged is logged and left out; the next sweep tries it again. Safe beside syncs
    and other sweeps, and cheap where nothing is to do.
    """
    _follow_rules(now)
    failed: list[int] = []
    return _judge_new(today, now, failed) + _judge_overdue(today, now, failed)


def _follow_rules(now: datetime) -> None:
    """Have all verdicts run out that others than this process's rules have led to."""
    if not Rules.objects.filter(digest=digest()).exists():
        again_after_deadlock(partial(_overturn, now), tries=TRIES)


def _overturn(now: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement("follow_rules"), {"digest": digest(), "now": now})
        if cursor.rowcount:
            cursor.execute(statement("overturn"))
            log.info("The rules have changed: %s producers are judged anew.", f"{cursor.rowcount:,}")


def _judge_new(today: date, now: datetime, failed: list[int]) -> int:
    judged, after = 0, 0
    while rows := _fetch("unjudged", {"after": after, "limit": CHUNK}):
        judged += _judge(sorted({producer_id for _, producer_id in rows} - {*failed}), today, now, failed)
        after = rows[-1][0]
    return judged


def _judge_overdue(today: date, now: datetime, failed: list[int]) -> int:
    judged = 0
    before: list[int] = []
    while rows := _fetch("overdue", {"today": today, "failed": failed, "limit": CHUNK}):
        ids = sorted(producer_id for (producer_id,) in rows)
        if ids == before:
            # Somebody else judges them as of an earlier day; the next sweep comes for them.
            break
        judged, before = judged + _judge(ids, today, now, failed), ids
    return judged


def _judge(ids: list[int], today: date, now: datetime, failed: list[int]) -> int:
    """Judge these producers, or else each by itself; note those that fail, and return how many did not."""
    try:
        again_after_deadlock(partial(judge_producers, producer_ids=ids, today=today, now=now), tries=TRIES)
        return len(ids)
    except (OperationalError, InterfaceError, psycopg.OperationalError):
        raise
    except Exception as error:
        if len(ids) > 1:
            return sum(_judge([one], today, now, failed) for one in ids)
        # The words of the fault may hold what is known about a person.
        log.error("Producer %s cannot be judged: %s", ids[0], told_without_data(error))
        failed += ids
        return 0


def _fetch(name: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
