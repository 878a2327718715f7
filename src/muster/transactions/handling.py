"""What is decided of ends of appointments beside them: their batches, and whether they are submitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.bulk.models import Finding, Operation
from muster.bulk.operations import MENDED_BY
from muster.bulk.store import add_findings
from muster.core.appointing import Forecast
from muster.core.counting import counted
from muster.core.findings import finding
from muster.core.terminating import HELD_BACK, Batching
from muster.core.transactions import WAITING, Status
from muster.transactions.ending_batches import Author
from muster.transactions.holding_back import TOGETHER_TOO_MUCH, UNPERMITTED, Budget, budget_of, hold_back
from muster.transactions.models import Transaction
from muster.transactions.terms import Setup

BATCHES, SUBMITTER = "batches", "submitter"


class Handling(NamedTuple):
    """How the transactions are batched, and who has them submitted at once; None: they wait for release."""

    batching: Batching = Batching.STATE_AND_COMPANY
    submitter: int | None = None

    @property
    def params(self) -> dict[str, Any]:
        """As the operation keeps it."""
        return {BATCHES: self.batching.value, SUBMITTER: self.submitter}


def handling_of(params: Mapping[str, Any]) -> Handling:
    """What was decided, by the parameters of an operation."""
    return Handling(batching_told(params.get(BATCHES)), params.get(SUBMITTER))


def batching_told(told: object) -> Batching:
    """The batches of that name; those by state and company for a name that means nothing."""
    return next((one for one in Batching if one.value == told), Batching.STATE_AND_COMPANY)


def withheld(setup: Setup, forecast: Forecast, member: Membership | None) -> str:
    """Why nothing of what comes to the forecast may be submitted by the member, to follow a colon.

    Empty where it may.
    """
    if member is None or not member.may(Permission.RELEASE_FILINGS):
        return UNPERMITTED
    filings, fees = forecast.statuses.get(Status.READY.value, 0), forecast.state_fee + forecast.registry_fee
    return hold_back(setup, forecast._replace(released=filings, released_fees=fees, waiting=0)).why


def author_of(operation: Operation, setup: Setup) -> tuple[Author, Budget]:
    """Who writes for the operation, whether it is let go at once, and how much of it may be."""
    submitter = handling_of(operation.params).submitter
    author = Author(operation.pk, operation.by_id, mended_by=operation.params.get(MENDED_BY))
    if submitter is None or _why_not(operation, setup, submitter):
        return author, Budget(None, None)
    return author._replace(released_by=submitter), budget_of(operation, setup)


def tell_held_back(operation: Operation, setup: Setup) -> None:
    """Say how many were to be submitted at once and were not, and why."""
    submitter = handling_of(operation.params).submitter
    Finding.objects.filter(operation=operation, code=HELD_BACK).delete()
    if submitter is None:
        return
    waiting = Transaction.objects.filter(
        batch__operation_id=operation.pk,
        organization_id=operation.organization_id,
        status__in=WAITING,
        released_at=None,
    ).count()
    if waiting:
        why = _why_not(operation, setup, submitter) or TOGETHER_TOO_MUCH
        add_findings(
            operation.pk, [finding(HELD_BACK, filings=counted(waiting, "filing was,filings were"), why=why)]
        )


def _why_not(operation: Operation, setup: Setup, submitter: int) -> str:
    member = Membership.objects.filter(organization=operation.organization_id, user=submitter).first()
    told = operation.source_facts.get("forecast")
    return withheld(setup, Forecast(**told), member) if told else TOGETHER_TOO_MUCH
