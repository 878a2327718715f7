"""What became of the items of an action, and who acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.models import Operation, Outcome
from muster.bulk.store import add_findings, as_json
from muster.carriers.models import FilingSettings
from muster.core.acting import Limits
from muster.core.findings import Finding
from muster.transactions.sql import statement


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms somebody acts: who it is, whether they may, and what the organization demands."""

    by_id: int | None
    may: bool
    two_person: bool
    limits: Limits


def terms_of(operation: Operation, permission: Permission) -> Terms:
    """The terms of an action as they are now. What nobody has started, a rule has: that may."""
    settings = FilingSettings.objects.filter(organization_id=operation.organization_id).first()
    settings = settings or FilingSettings()
    return Terms(
        operation.by_id,
        operation.by_id is None or _may(operation.organization_id, operation.by_id, permission),
        settings.two_person_release,
        Limits(settings.most_filings, settings.most_fees),
    )


def _may(organization_id: int, user_id: int, permission: Permission) -> bool:
    member = Membership.objects.filter(organization_id=organization_id, user_id=user_id).first()
    return member is not None and member.may(permission)


def note_of(operation: Operation) -> str:
    """The reason that was given for an action."""
    return str(operation.params.get("reason", ""))


def mark_done(
    operation: Operation,
    rows: Sequence[int],
    *,
    outcome: Outcome = Outcome.UPDATED,
    results: Mapping[int, dict[str, Any]] | None = None,
) -> None:
    """Say of these items that they are done; `results` is what came of each, by row number."""
    told = [as_json(results[row]) if results and row in results else None for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            statement("done"),
            {"operation": operation.pk, "outcome": outcome.value, "rows": list(rows), "results": told},
        )


def refuse(operation: Operation, findings: Sequence[Finding]) -> None:
    """Say of the items that these findings name that it came to nothing."""
    if not findings:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            statement("refuse"), {"operation": operation.pk, "rows": [found.row for found in findings]}
        )
    add_findings(operation.pk, findings)


def refuse_all(operation: Operation, code: str, params: Mapping[str, Any]) -> None:
    """Refuse every item that was still good, each with the same finding."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement("refuse_all"),
            {"operation": operation.pk, "code": code, "params": as_json(dict(params))},
        )
