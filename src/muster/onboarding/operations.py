"""Onboarding: drafts become producers, with who pays, in sync, with the licenses that were chosen for them.

Set-based, for one draft and for thousands: a constant number of statements, in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from muster.access.models import Organization
from muster.audit.operations import EventKind, record
from muster.core.findings import Finding
from muster.core.onboarding import UNDER_WAY, DraftStatus
from muster.history.context import changing
from muster.history.models import Source
from muster.offboarding.operations import reopen
from muster.onboarding.joining import emails_in_use, known_by_npn
from muster.onboarding.licenses import request_for, set_payment
from muster.onboarding.models import Draft, as_kept
from muster.onboarding.sql import statement
from muster.registry.queue import defer_sync

RECORDED_IDS = 1000
"""How many producers of one onboarding are named in the event log; their number always is."""


@dataclass(slots=True)
class Onboarded:
    """What became of drafts: the producer of each, who is new or back, and who was here already."""

    producers: dict[int, int] = field(default_factory=dict)
    created: set[int] = field(default_factory=set)
    readded: set[int] = field(default_factory=set)
    refused: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    transactions: int = 0


def onboard(
    *,
    organization_id: int,
    draft_ids: Collection[int],
    by_id: int | None,
    now: datetime,
    operation_id: UUID | None = None,
    source: Source = Source.PERSON,
    version: int | None = None,
) -> Onboarded:
    """Make producers of those drafts that are ready; the others are left alone, so that twice is once.

    `version`: only of a draft that is still as somebody has seen it.

    Who was removed before is onboarded again. Who came into the organization since the draft was begun makes
    it fail, with a finding. `created` and `readded` are ids of producers, the keys of the others of drafts.
    """
    done = Onboarded()
    with transaction.atomic(), changing(source=source, by_id=by_id, operation_id=operation_id):
        # Two at once never give one email address to two producers.
        Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
        ready = _ready(organization_id, draft_ids, version)
        if not ready:
            return done
        used = emails_in_use(organization_id, ready)
        drafts = [draft for draft in ready if draft.pk not in used]
        _create(done, drafts, now)
        _bring_back(done, organization_id, drafts, by_id, operation_id, now)
        onboarded = [draft for draft in drafts if draft.pk in done.producers]
        _refuse(done, ready, used, by_id, now)
        _finish(done, onboarded, by_id, now)
        set_payment(onboarded, done.producers, by_id=by_id, now=now)
        done.transactions = request_for(
            onboarded, done.producers, by_id=by_id, operation_id=operation_id, now=now
        )
        if onboarded:
            ids = sorted(done.producers.values())
            record(
                EventKind.PRODUCERS_ONBOARDED,
                organization_id=organization_id,
                by_id=by_id,
                operation_id=operation_id,
                subject=f"producer:{ids[0]}" if len(ids) == 1 else "",
                data={"producers": len(ids), "ids": ids[:RECORDED_IDS], "licenses": done.transactions},
            )
            defer_sync()
    return done


def _ready(organization_id: int, draft_ids: Collection[int], version: int | None) -> list[Draft]:
    ready = Draft.objects.filter(
        organization_id=organization_id, pk__in=list(draft_ids), status=DraftStatus.READY
    )
    if version is not None:
        ready = ready.filter(version=version)
    return list(ready.order_by("id").select_for_update())


def _create(done: Onboarded, drafts: Sequence[Draft], now: datetime) -> None:
    first: dict[str, int] = {}
    for draft in drafts:
        first.setdefault(draft.npn, draft.pk)
    with connection.cursor() as cursor:
        cursor.execute(statement("create_producers"), {"drafts": [draft.pk for draft in drafts], "now": now})
        for producer_id, npn in cursor.fetchall():
            done.producers[first[npn]] = producer_id
            done.created.add(producer_id)


def _bring_back(
    done: Onboarded,
    organization_id: int,
    drafts: Sequence[Draft],
    by_id: int | None,
    operation_id: UUID | None,
    now: datetime,
) -> None:
    """Begin a new time in the organization for those who were removed."""
    others = {draft.npn: draft.pk for draft in reversed(drafts) if draft.pk not in done.producers}
    created = {draft.npn for draft in drafts if draft.pk in done.producers}
    known = known_by_npn(organization_id, others.keys() - created)
    back = {others[npn]: one.producer_id for npn, one in known.items() if one.is_removed}
    if not back:
        return
    taken_up = reopen(
        organization_id=organization_id,
        producer_ids=list(back.values()),
        by_id=by_id,
        operation_id=operation_id,
        now=now,
    )
    # Another onboarding, at the same time, may have been first: then this one is refused, and writes nothing.
    back = {draft_id: producer_id for draft_id, producer_id in back.items() if producer_id in taken_up}
    with connection.cursor() as cursor:
        cursor.execute(statement("bring_back_producers"), {"drafts": list(back), "now": now})
    done.producers |= back
    done.readded |= set(back.values())


def _refuse(
    done: Onboarded, drafts: Sequence[Draft], used: Mapping[int, Finding], by_id: int | None, now: datetime
) -> None:
    """Those whose producer, or whose email address, came into the organization in another way since.

    So do onboardings one by one of whom a file onboards: they have nothing left to do.
    """
    npns = [draft.npn for draft in drafts if draft.pk in done.producers]
    others = Draft.objects.filter(
        organization_id=drafts[0].organization_id, operation=None, status__in=UNDER_WAY, npn__in=npns
    ).exclude(pk__in=list(done.producers))
    late = [*(draft for draft in drafts if draft.pk not in done.producers), *others.select_for_update()]
    if not late:
        return
    known = known_by_npn(late[0].organization_id, {draft.npn for draft in late})
    for draft in late:
        finding = used[draft.pk] if draft.pk in used else known[draft.npn].finding
        if draft.pk in used and draft.operation_id is None:
            # The wizard asks for another address; the rest of what was chosen stays.
            done.refused[draft.pk] = as_kept(finding)
            continue
        draft.why = as_kept(finding)
        draft.status = DraftStatus.FAILED.value
        draft.touched_by_id, draft.touched_at = by_id, now
        draft.version += 1
        done.refused[draft.pk] = draft.why
    late = [draft for draft in late if draft.status == DraftStatus.FAILED]
    Draft.objects.bulk_update(late, ["why", "status", "touched_by", "touched_at", "version"], batch_size=500)


def _finish(done: Onboarded, drafts: Sequence[Draft], by_id: int | None, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            statement("finish_drafts"),
            {
                "drafts": [draft.pk for draft in drafts],
                "producers": [done.producers[draft.pk] for draft in drafts],
                "by": by_id,
                "now": now,
            },
        )
