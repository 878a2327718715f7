"""Onboarding the producers of a file: payment for all or one by one, and the operation that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Row, SelectionKind, Span
from muster.bulk.models import Item, Operation, OperationState, Outcome
from muster.bulk.operations import GOES_ON, start_selection
from muster.bulk.states import GOOD
from muster.bulk.store import add_findings
from muster.core.findings import Finding, finding
from muster.core.onboarding import DraftStatus
from muster.history.models import Source
from muster.onboarding.models import Draft
from muster.onboarding.operations import onboard
from muster.onboarding.sql import statement

UPLOAD = "upload"
"""The parameter of an onboarding that tells the operation of its file."""

KIND = "onboard-producers"
NOT_READY = "ONBOARD-E016"


@dataclass(frozen=True, slots=True)
class Payment:
    """Who pays for new licenses and renewals, and whether licenses are renewed by themselves."""

    new_paid_by: str
    renewal_paid_by: str
    auto_renewal: bool


class OnboardProducers(SelectionKind):
    """Makes producers of the drafts of a file that are ready."""

    name = KIND
    label = "Onboard producers"
    permission = Permission.IMPORT
    target = "draft"
    one = "producer"
    many = "producers"
    # Small, so that a page that shows how far it is has something to show.
    chunk = 1_000
    verb = "Onboard"
    done = "onboarded"
    is_offered = False

    def judge(self, operation: Operation) -> Judge:
        return _Judge(operation)

    def preview(self, operation: Operation) -> dict[str, int]:
        return {Outcome.CREATED.value: Item.objects.filter(operation=operation, state__in=GOOD).count()}

    def apply(self, span: Span) -> None:
        operation = span.operation
        items = Item.objects.filter(
            operation=operation, row_no__range=(span.first, span.last), state__in=GOOD
        )
        ids = items.values_list("target_id", flat=True)
        done = onboard(
            organization_id=operation.organization_id,
            draft_ids=[draft_id for draft_id in ids if draft_id is not None],
            by_id=operation.by_id,
            now=timezone.now(),
            operation_id=operation.pk,
            source=Source.PERSON,
        )
        back = [draft for draft, producer in done.producers.items() if producer in done.readded]
        with connection.cursor() as cursor:
            cursor.execute(
                statement("note_onboarded"),
                {**span.params, "readded": back, "done": list(done.producers)},
            )
            left = [(row_no, draft) for row_no, draft in cursor.fetchall() if draft not in done.producers]
        add_findings(operation.pk, (_why(row_no, done.refused.get(draft)) for row_no, draft in sorted(left)))


class _Judge(Judge):
    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    def judge(self, rows: Sequence[Row]) -> None:
        ids = [row.target_id for row in rows if row.target_id is not None]
        kept = Draft.objects.filter(organization_id=self._operation.organization_id, pk__in=ids)
        ready = set(kept.filter(status=DraftStatus.READY).values_list("pk", flat=True))
        for row in rows:
            if row.target_id not in ready:
                row.find(NOT_READY)


def _why(row_no: int, why: Any) -> Finding:
    if not why:
        return finding(NOT_READY, row=row_no)
    params = dict(why.get("params") or {})
    return finding(why["code"], row=row_no, field=why.get("field"), value=why.get("value"), **params)


def set_payment_of(
    *, by: Membership, upload: Operation, draft_id: int, payment: Payment | None, now: datetime
) -> bool:
    """Keep who pays for one producer of the file; None: as for all. Say whether it was still to be chosen."""
    chosen = payment or Payment("", "", False)
    drafts = Draft.objects.filter(
        organization_id=by.organization_id, operation=upload, pk=draft_id, status=DraftStatus.READY
    )
    changed = drafts.update(
        new_paid_by=chosen.new_paid_by,
        renewal_paid_by=chosen.renewal_paid_by,
        auto_renewal=chosen.auto_renewal,
        touched_by_id=by.user_id,
        touched_at=now,
        version=F("version") + 1,
    )
    return bool(changed)


def start_onboarding(
    *,
    by: Membership,
    upload: Operation,
    operation_id: UUID,
    payment: Payment,
    now: datetime,
    defer: bool = True,
) -> Operation:
    """Onboard those of the file who are ready; `payment` holds for whom nothing else was chosen.

    The id comes with the page: pressed twice it is one onboarding.
    """
    ready = Draft.objects.visible_to(by, Permission.IMPORT).filter(operation=upload, status=DraftStatus.READY)
    with transaction.atomic():
        if not Operation.objects.filter(pk=operation_id).exists():
            ready.filter(new_paid_by="").update(
                new_paid_by=payment.new_paid_by,
                renewal_paid_by=payment.renewal_paid_by,
                auto_renewal=payment.auto_renewal,
                touched_by_id=by.user_id,
                touched_at=now,
            )
        return start_selection(
            operation_id=operation_id,
            member=by,
            kind=OnboardProducers(),
            selection=ready.order_by("row_no", "id"),
            now=now,
            params={GOES_ON: True, UPLOAD: str(upload.pk)},
            defer=defer,
        )


def onboardings_of(upload: Operation) -> list[Operation]:
    """The onboardings that were begun of a file, the last one first."""
    begun = Operation.objects.filter(
        organization_id=upload.organization_id, kind=KIND, params__upload=str(upload.pk)
    )
    return list(begun.order_by("-created_at", "id")[:20])


def is_retrieving(upload: Operation, counts: dict[str, int]) -> bool:
    """Whether the file is read, or producers of it are looked up."""
    under_way = upload.state in (OperationState.CHECKING, OperationState.RUNNING)
    return under_way or bool(counts.get(DraftStatus.IDENTIFIED) or counts.get(DraftStatus.RETRIEVING))
