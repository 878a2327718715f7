"""The confirm page of renewing licenses: what it costs whom, and who pays where nobody has said so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from muster.access.gate import StaffRequest
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import CannotStart
from muster.console.operations.reads import split_of
from muster.console.operations.starting import process
from muster.console.transactions.words import fees_told
from muster.core.licensing import PAYER_LABELS
from muster.transactions.actions.renewals import PAID_BY, Cost, RenewLicenses, cost_of
from muster.transactions.queries import Fees


class CostTold(NamedTuple):
    """What some of the renewals cost, in words."""

    payer: str
    licenses: int
    told: str


def renewing_context(operation: Operation) -> dict[str, Any]:
    """What the page of a renewal shows beside what every action does."""
    if operation.state != OperationState.READY:
        return {}
    costs = cost_of(operation)
    return {
        "costs": [CostTold(PAYER_LABELS.get(one.payer, "Payer not set"), *_told([one])) for one in costs],
        "cost": CostTold("Together", *_told(costs)),
        "payers": PAYER_LABELS,
        "payer_unknown": sum(one.licenses for one in costs if not one.payer),
    }


def do(request: StaffRequest, operation: Operation, kind: RenewLicenses) -> None:
    """Renew them; where nobody has said who pays, the payer is as the form says."""
    if operation.state == OperationState.READY and not split_of(operation, kind).will:
        raise CannotStart("There is nothing to renew: see below why.")
    paid_by = request.POST.get(PAID_BY, "")
    process(request, operation, params={PAID_BY: paid_by} if paid_by in PAYER_LABELS else None)


def _told(costs: Sequence[Cost]) -> tuple[int, str]:
    licenses = sum(one.licenses for one in costs)
    known, unknown = sum(one.cents for one in costs), sum(one.unknown for one in costs)
    return licenses, fees_told(Fees(known, 0, unknown, licenses))
