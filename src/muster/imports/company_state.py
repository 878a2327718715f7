"""Upload type Company state: in which states companies appoint, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db import connection

from muster.audit.operations import EventKind
from muster.bulk.apply import NothingWritten
from muster.bulk.kinds import Judge, Row, Span
from muster.bulk.models import Finding, Item, ItemState, Operation, Outcome, Policy
from muster.bulk.repeats import skip_duplicates
from muster.bulk.states import GOOD
from muster.bulk.store import add_findings
from muster.carriers.columns import COCODE, COMPANY_STATE, FROM, STATE_SETTING, STATES, TO, YES_NO
from muster.carriers.keeping import values_of, wait_for_others
from muster.carriers.models import Company, CompanyState
from muster.core.columns import Columns
from muster.core.findings import finding
from muster.core.words import states
from muster.imports.setting_up import CONTRADICTION, SettingUpload, judge_period
from muster.imports.sql import statement

UNKNOWN = "COMPANY-E001"
PERIOD = ("period", FROM.header)
"""From and To must agree together: of two rows with other days, each would be half of a third."""

CONTRADICTABLE = [
    *((column.key, column.header) for column in STATE_SETTING if column not in (FROM, TO)),
    PERIOD,
]


class CompanyStateJudge(Judge):
    """Knows the organization's companies."""

    def __init__(self, organization_id: int) -> None:
        self._cocodes = frozenset(
            Company.objects.filter(organization_id=organization_id).values_list("cocode", flat=True)
        )

    def judge(self, rows: Sequence[Row]) -> None:
        for row in rows:
            row.key = cocode = row.data.get("cocode")
            if cocode and cocode not in self._cocodes:
                row.find(UNKNOWN, field=COCODE.header, value=cocode)
            if codes := row.data.get("states"):
                row.data["states"] = sorted(codes)
            judge_period(row)


class CompanyStateUpload(SettingUpload):
    """The states in which companies appoint, added or brought up to date."""

    name = "company-state"
    label = "Company state"
    target = "company"
    key_name = "CoCode"
    naming = ("states",)
    one = "row"
    many = "rows"
    things = "company_states"
    writes = "write_company_states"
    what = "settings"
    created = changed = EventKind.COMPANY_STATE_SET
    summary = "Say in which states companies appoint, and how: just in time or up front, by itself or not."
    steps: ClassVar[Sequence[str]] = (
        "Fill in one row per company: CoCode and states. What else it says holds for each of its states.",
        "What a row leaves empty stays as it is on file. From and To belong together: a row that tells one "
        "tells both.",
        "Upload it here as XLSX or CSV. Nothing is written before you have seen the check page.",
    )

    def columns(self, organization_id: int) -> Columns:
        return COMPANY_STATE

    def accepted_values(self, organization_id: int) -> Mapping[str, Sequence[tuple[str, str]]]:
        companies = Company.objects.filter(organization_id=organization_id).order_by("name", "id")
        yes_no = list(YES_NO.items())
        return {
            COCODE.header: list(companies.values_list("cocode", "name")),
            STATES.header: list(states().items()),
            COMPANY_STATE["just_in_time"].header: yes_no,
            COMPANY_STATE["auto_submit"].header: yes_no,
            COMPANY_STATE["assignment_required"].header: yes_no,
        }

    def examples(self, organization_id: int) -> Sequence[Mapping[str, str]]:
        many = {"cocode": "90101", "states": "CA;TX;FL", "just_in_time": "no", "auto_submit": "no"}
        one = {
            "cocode": "90101",
            "states": "Ohio",
            "just_in_time": "yes",
            "company_license_id": "OH-90101",
            "starts_on": "2026-01-01",
        }
        return many, one

    def blank(self) -> Mapping[str, Any]:
        return values_of(CompanyState(), [column.key for column in STATE_SETTING])

    def judge(self, operation: Operation) -> Judge:
        return CompanyStateJudge(operation.organization_id)

    def judge_together(self, operation: Operation) -> None:
        # A worker killed between this and the end of the check leaves findings that would be told twice.
        Finding.objects.filter(operation=operation, code=CONTRADICTION).delete()
        with connection.cursor() as cursor:
            cursor.execute(
                statement("contradicting_states"),
                {
                    "operation": operation.pk,
                    "fields": [key for key, _ in CONTRADICTABLE],
                    "headers": [header for _, header in CONTRADICTABLE],
                    "code": CONTRADICTION,
                },
            )
        skip_duplicates(operation)

    def apply(self, span: Span) -> None:
        wait_for_others(span.operation.organization_id)
        self._leave_out_deleted(span)
        super().apply(span)

    def _leave_out_deleted(self, span: Span) -> None:
        """Reject the rows whose company was deleted since they were checked."""
        operation = span.operation
        companies = Company.objects.filter(organization_id=operation.organization_id)
        items = Item.objects.filter(
            operation=operation, row_no__range=(span.first, span.last), state__in=GOOD
        ).exclude(key__in=companies.values("cocode"))
        gone = {row_no: cocode or "" for row_no, cocode in items.values_list("row_no", "key")}
        if not gone:
            return
        if operation.policy == Policy.ALL_OR_NOTHING:
            raise NothingWritten({row_no: f"CoCode {cocode} is on file" for row_no, cocode in gone.items()})
        items.update(state=ItemState.FAILED_FINAL, outcome=Outcome.REJECTED)
        add_findings(
            operation.pk,
            [
                finding(UNKNOWN, row=row_no, field=COCODE.header, value=cocode)
                for row_no, cocode in sorted(gone.items())
            ],
        )
