"""Setting a field of many companies at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.bulk.models import Operation
from muster.bulk.updating import Choice, Settable, UpdateFields
from muster.carriers.keeping import wait_for_others
from muster.carriers.models import Company
from muster.core.words import states

YES_OR_NO = (Choice("yes", "Yes", True), Choice("no", "No", False))


class UpdateCompanies(UpdateFields):
    """Sets a field of companies: what their appointments need, and where they are at home."""

    name = "update-companies"
    label = "Update companies"
    permission = Permission.MANAGE_CARRIERS
    target = "company"
    one = "company"
    many = "companies"
    model = Company
    settable: ClassVar[tuple[Settable, ...]] = (
        Settable("create_internal_appointments", "Keeps internal appointments"),
        Settable("assignment_required", "Assignment required"),
        Settable("domicile", "Domicile"),
    )

    def wait_for_others(self, organization_id: int) -> None:
        wait_for_others(organization_id)

    def updated(self, operation: Operation, field: str, ids: Sequence[int]) -> None:
        for company in self.records(operation.organization_id).filter(pk__in=ids).order_by("pk"):
            record(
                EventKind.COMPANY_CHANGED,
                organization_id=operation.organization_id,
                by_id=operation.by_id,
                subject=f"company:{company.cocode}",
                data={
                    "name": company.name,
                    "cocode": company.cocode,
                    "changed": {field: getattr(company, field)},
                },
            )

    def choices(self, organization_id: int, field: str) -> Sequence[Choice]:
        if field == "domicile":
            return [*(Choice(code, name, code) for code, name in states().items()), Choice("", "Unknown", "")]
        return YES_OR_NO
