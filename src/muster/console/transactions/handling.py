"""How ends of appointments are batched, and whether they are submitted at once: asked on a page, and read."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from muster.access.gate import StaffRequest
from muster.access.models import Membership
from muster.bulk.models import Finding, Operation
from muster.console.appointing.forecasts import kept_forecast
from muster.core.findings import sentence
from muster.core.terminating import BATCHING_LABELS, HELD_BACK
from muster.transactions.handling import Handling, batching_told, handling_of, withheld
from muster.transactions.terms import setup_of


def handling_in(request: StaffRequest) -> Handling:
    """What a person has decided on a page that asks for it."""
    submits = request.POST.get("submit") == "yes"
    return Handling(batching_told(request.POST.get("batches")), request.member.user_id if submits else None)


def handling_context(operation: Operation, member: Membership) -> dict[str, Any]:
    """What `transactions/handling.html` needs: the choices, what is chosen, why nothing may be submitted."""
    decided = handling_of(operation.params)
    forecast = kept_forecast(operation.source_facts)
    setup = setup_of(member.organization_id, today=timezone.localdate())
    return {
        "batchings": [(one.value, label) for one, label in BATCHING_LABELS.items()],
        "batching": decided.batching.value,
        "submits": decided.submitter is not None,
        "withheld": withheld(setup, forecast, member) if forecast else "",
    }


def held_back_told(operation: Operation) -> str:
    """That something was to be submitted at once and waits, and why; empty where nothing was held back."""
    found = Finding.objects.filter(operation=operation, code=HELD_BACK).first()
    return sentence(found.code, params=found.params) if found else ""
