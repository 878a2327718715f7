"""Judging the rows by which a file names producers: whom the organization has, and what contradicts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import connection
from django.db.models.functions import Lower

from muster.bulk.kinds import Judge, Row
from muster.bulk.models import Operation
from muster.core.findings import Severity
from muster.core.onboarding import UNDER_WAY
from muster.core.onboarding_facts import full_name
from muster.core.sync import names_differ
from muster.onboarding.joining import is_removed, known_by_npn
from muster.onboarding.models import Draft, RequiredColumns
from muster.onboarding.sql import statement
from muster.producers.models import Producer
from muster.vault import blind_index

ALONE = "ONBOARD-E018"
NPN_TWICE, SSN_TWICE, EMAIL_TWICE = "ONBOARD-E011", "ONBOARD-E012", "ONBOARD-E013"


class ProducerJudge(Judge):
    """Knows whom the organization has, or onboards alone: by NPN, SSN and email address; in four queries."""

    def __init__(self, organization_id: int) -> None:
        self._organization_id = organization_id
        self._needs_ssn = RequiredColumns.of(organization_id).ssn

    def judge(self, rows: Sequence[Row]) -> None:
        for row in rows:
            row.key = row.data.get("npn")
            if ssn := row.data.get("ssn"):
                row.data["ssn_last4"] = ssn[-4:]
                row.data["ssn_index"] = blind_index(ssn)
            elif self._needs_ssn and not _is_wrong(row, "SSN"):
                # A masked one is no error where a number is on record; here there is none.
                row.find("ROW-E001", field="SSN")
        known = known_by_npn(self._organization_id, _told(rows, "npn"))
        alone = self._alone(_told(rows, "npn"))
        by_ssn = self._by("ssn_index", _told(rows, "ssn_index"))
        by_email = self._by("email", {email.lower() for email in _told(rows, "email")})
        for row in rows:
            if draft := alone.get(row.data.get("npn", "")):
                row.find(ALONE, field="NPN", value=draft.npn, npn=draft.npn, name=_called(draft))
            if one := known.get(row.data.get("npn", "")):
                row.find(one.finding.code, field="NPN", value=one.npn, npn=one.npn, name=one.name)
                row.data["is_readded"] = one.is_removed
            self._judge_ssn(row, by_ssn.get(row.data.get("ssn_index", "")))
            self._judge_email(row, by_email.get(row.data.get("email", "").lower()))

    def _alone(self, npns: Collection[str]) -> Mapping[str, Draft]:
        found = Draft.objects.filter(
            organization_id=self._organization_id, operation=None, status__in=UNDER_WAY, npn__in=list(npns)
        )
        return {one.npn: one for one in found.only("npn", "facts")}

    def _by(self, field: str, values: Collection[str]) -> Mapping[str, Producer]:
        """Producers of the organization by one of their values, those who came first before others."""
        found = Producer.objects.filter(organization_id=self._organization_id).order_by("-id")
        if field == "email":
            # An address of somebody who was removed is free.
            found = found.filter(removed_at=None)
            found = found.annotate(folded=Lower("email")).filter(folded__in=list(values))
            return {one.email.lower(): one for one in found}
        return {one.ssn_index or "": one for one in found.filter(ssn_index__in=list(values))}

    def _judge_ssn(self, row: Row, owner: Producer | None) -> None:
        if owner is None or owner.npn == row.data.get("npn"):
            return
        if names_differ("", row.data.get("last_name", ""), "", owner.last_name):
            row.find("ONBOARD-E003", field="SSN")
        elif not is_removed(owner):
            row.find("ONBOARD-E001", field="SSN", npn=owner.npn, name=_name(owner))

    def _judge_email(self, row: Row, owner: Producer | None) -> None:
        if owner is not None and owner.npn != row.data.get("npn"):
            email = row.data["email"]
            row.find("ONBOARD-E002", field="Email", value=email, npn=owner.npn, name=_name(owner))


def _is_wrong(row: Row, field: str) -> bool:
    return any(one.field == field and one.severity is Severity.ERROR for one in row.findings)


def _told(rows: Sequence[Row], name: str) -> set[str]:
    return {row.data[name] for row in rows if row.data.get(name)}


def _called(draft: Draft) -> str:
    return full_name(draft.facts) or "A producer"


def _name(producer: Producer) -> str:
    return f"{producer.first_name} {producer.last_name}".strip() or "A producer"


def reject_shared(operation: Operation) -> None:
    """Reject rows of different NPNs that name one SSN, or one email address; each is told the other's row."""
    with connection.cursor() as cursor:
        # A worker killed between this and the end of the check leaves findings that would be told twice.
        cursor.execute(
            "DELETE FROM bulk_finding WHERE operation_id = %s AND code = ANY(%s)",
            [operation.pk, [SSN_TWICE, EMAIL_TWICE]],
        )
        for name, code, field in (("ssn_index", SSN_TWICE, "SSN"), ("email", EMAIL_TWICE, "Email")):
            cursor.execute(
                statement("reject_shared"),
                {"operation": operation.pk, "name": name, "code": code, "field": field},
            )
