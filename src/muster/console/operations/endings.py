"""The confirm page of ending appointments: the reason, the day, the batches; new terms are checked first."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.utils import timezone

from muster.access.gate import StaffRequest
from muster.access.models import Membership
from muster.bulk import operations
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import CannotStart
from muster.console.appointing.forecasts import kept_forecast, tell_forecast
from muster.console.operations.reads import split_of
from muster.console.operations.starting import carry_on, process
from muster.console.transactions.handling import handling_context, handling_in
from muster.core.rules.reasons import termination_reasons
from muster.core.values import clean_date
from muster.notices.completion import TOLD_ON_PAGE
from muster.transactions.actions.endings import TerminateAppointments, Wish, wish_of

LONGEST_NOTE = 500


def ending_context(operation: Operation, member: Membership) -> dict[str, Any]:
    """What `operations/ending.html` needs."""
    forecast = kept_forecast(operation.source_facts)
    return {
        "ends": True,
        "wish": wish_of(operation.params),
        "reasons": termination_reasons(),
        "longest_note": LONGEST_NOTE,
        "forecast": tell_forecast(forecast) if forecast else None,
        **handling_context(operation, member),
    }


def do(request: StaffRequest, operation: Operation, kind: TerminateAppointments) -> None:
    """Request the ends as the form says; where it says other terms than were checked, check those first."""
    wish = _wish_in(request)
    decided = wish.params | handling_in(request).params
    if operation.state == OperationState.READY:
        if "check" in request.POST or wish.judged != wish_of(operation.params).judged:
            _check(request, operation, decided)
            return
        if wish.for_cause and not wish.note:
            _check(request, operation, decided)
            raise CannotStart("Say in Note what happened, then submit: an end for cause needs a note.")
        if not split_of(operation, kind).will:
            raise CannotStart("There is nothing to end: see below why.")
    process(request, operation, params=decided)


def _check(request: StaffRequest, operation: Operation, decided: dict[str, Any]) -> None:
    few = bool(operation.params.get(TOLD_ON_PAGE))
    operations.check_anew(
        operation=operation, member=request.member, params=decided, now=timezone.now(), defer=not few
    )
    if few:
        operation.refresh_from_db()
        carry_on(operation)
    if "check" not in request.POST:
        messages.info(request, "All of them are checked again by the new terms. Look, then submit.")


def _wish_in(request: StaffRequest) -> Wish:
    posted = request.POST
    reason = posted.get("ending_reason", "")
    return Wish(
        reason if reason in termination_reasons() else "",
        _day(posted.get("on", "")),
        posted.get("for_cause") == "yes",
        posted.get("note", "").replace("\x00", "").strip()[:LONGEST_NOTE],
    )


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    day, _ = clean_date(text)
    if day is None:
        raise CannotStart(f"“{text[:40]}” is not a date. Choose one, or none for the day of filing.")
    return day
