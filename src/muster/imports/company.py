"""Upload type Company: carriers, put on file or brought up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from muster.audit.operations import EventKind
from muster.bulk.kinds import Judge, Row
from muster.bulk.models import Operation
from muster.bulk.repeats import reject_contradictions, skip_duplicates
from muster.carriers.columns import COMPANY, YES_NO, in_order
from muster.carriers.keeping import values_of
from muster.carriers.models import Company
from muster.core.columns import Columns
from muster.core.words import LOA_CATEGORIES, states
from muster.imports.setting_up import CONTRADICTION, SettingUpload

TOLD = [column for column in COMPANY if column.key != "cocode"]


class CompanyJudge(Judge):
    """Needs no facts: a company that is not on file is put there."""

    def judge(self, rows: Sequence[Row]) -> None:
        for row in rows:
            row.key = row.data.get("cocode")
            if categories := row.data.get("categories"):
                row.data["categories"] = in_order(categories)


class CompanyUpload(SettingUpload):
    """Companies, created or brought up to date."""

    name = "company"
    label = "Company"
    target = "company"
    key_name = "CoCode"
    naming = ("name",)
    one = "company"
    many = "companies"
    things = "companies"
    writes = "write_companies"
    what = "companies"
    created = EventKind.COMPANY_CREATED
    changed = EventKind.COMPANY_CHANGED
    summary = "Put the carriers on file for which you appoint, or bring them up to date."
    steps: ClassVar[Sequence[str]] = (
        "Fill in one row per company: CoCode and name. The rest is optional.",
        "What a row leaves empty stays as it is on file. To empty something, use the company's page.",
        "Upload it here as XLSX or CSV. Nothing is written before you have seen the check page.",
    )

    def columns(self, organization_id: int) -> Columns:
        return COMPANY

    def accepted_values(self, organization_id: int) -> Mapping[str, Sequence[tuple[str, str]]]:
        yes_no = list(YES_NO.items())
        return {
            COMPANY["categories"].header: list(LOA_CATEGORIES.items()),
            COMPANY["domicile"].header: list(states().items()),
            COMPANY["create_internal_appointments"].header: yes_no,
            COMPANY["assignment_required"].header: yes_no,
        }

    def examples(self, organization_id: int) -> Sequence[Mapping[str, str]]:
        least = {"cocode": "90102", "name": "Granite Mutual Casualty"}
        full = {
            "cocode": "90101",
            "name": "Northstar Life Insurance Company",
            "fein": "99-0000101",
            "categories": "life;health",
            "domicile": "CA",
            "address": "1 Harbor Way, Sacramento, CA 95814",
            "create_internal_appointments": "yes",
            "assignment_required": "no",
        }
        return least, full

    def blank(self) -> Mapping[str, Any]:
        return values_of(Company(), [column.key for column in TOLD])

    def judge(self, operation: Operation) -> Judge:
        return CompanyJudge()

    def judge_together(self, operation: Operation) -> None:
        fields = [(column.key, column.header) for column in TOLD]
        reject_contradictions(operation, fields=fields, code=CONTRADICTION)
        skip_duplicates(operation)
