"""Upload type Producer: producers who are to be onboarded, looked up in the registry before they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from django.db import connection
from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk.kinds import Judge, Span, UploadKind
from muster.bulk.models import Item, Operation, Outcome
from muster.bulk.repeats import reject_contradictions, skip_duplicates
from muster.bulk.states import GOOD
from muster.core.columns import Columns
from muster.core.onboarding import GENDERS
from muster.onboarding.columns import columns_of
from muster.onboarding.judging import ProducerJudge, reject_shared
from muster.onboarding.mending import keep_rejected
from muster.onboarding.queue import defer_retrieve
from muster.onboarding.sql import statement

CONTRADICTABLE = [
    ("last_name", "Last Name"),
    ("email", "Email"),
    ("gender", "Gender"),
    ("ssn_index", "SSN"),
]


class ProducerUpload(UploadKind):
    """Producers to be onboarded: each row becomes a draft, which is looked up in the registry."""

    name = "producer"
    label = "Producer"
    permission = Permission.IMPORT
    target = "draft"
    one = "producer"
    many = "producers"
    naming: ClassVar[Sequence[str]] = ("last_name",)
    made = "Looked up"
    summary = "Onboard producers with payment: each is looked up in the registry before anything is written."
    steps: ClassVar[Sequence[str]] = (
        "Fill in one row per producer: last name, NPN, email, SSN and gender.",
        "Upload it here as XLSX or CSV. Each producer is looked up in the registry.",
        "Then choose who pays for licenses, and onboard those who are ready.",
    )

    def columns(self, organization_id: int) -> Columns:
        return columns_of(organization_id)

    def accepted_values(self, organization_id: int) -> Mapping[str, Sequence[tuple[str, str]]]:
        return {"Gender": list(GENDERS.items())}

    def examples(self, organization_id: int) -> Sequence[Mapping[str, str]]:
        ada = {"last_name": "Alder", "npn": "3000001", "email": "ada.alder@harbor.example"}
        bo = {"last_name": "Birch", "npn": "3000002", "email": "bo.birch@harbor.example"}
        return (
            ada | {"ssn": "123-45-6789", "gender": "female"},
            bo | {"ssn": "123-45-6780", "gender": "male"},
        )

    def judge(self, operation: Operation) -> Judge:
        return ProducerJudge(operation.organization_id)

    def judge_together(self, operation: Operation) -> None:
        reject_contradictions(operation, fields=CONTRADICTABLE, hidden=["ssn_index"], code="ROW-E902")
        skip_duplicates(operation, sealed=["ssn"])
        reject_shared(operation)

    def preview(self, operation: Operation) -> dict[str, int]:
        return {Outcome.CREATED.value: Item.objects.filter(operation=operation, state__in=GOOD).count()}

    def apply(self, span: Span) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement("draft_rows"), {**span.params, "by": span.operation.by_id})

    def finished(self, operation: Operation) -> None:
        keep_rejected(operation, by_id=operation.by_id, now=timezone.now())
        defer_retrieve()
