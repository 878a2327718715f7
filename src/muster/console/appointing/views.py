"""The page Appoint of one producer: pick, see what would be filed, request it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import GRANTS, Permission
from muster.bulk.apply import SOURCE
from muster.bulk.models import Operation, OperationState
from muster.bulk.operations import NotThisOne
from muster.bulk.runner import run
from muster.console.appointing.choices import Choices, choices_in_form, requests_of
from muster.console.appointing.form import form_of
from muster.console.appointing.landing import landing_of, said_of
from muster.console.appointing.told import PreviewTold, tell
from muster.core.counting import counted
from muster.core.words import AGENT_TYPES
from muster.history.models import Source
from muster.imports.appoint import AppointUpload
from muster.imports.requesting import preview_appointments, request_appointments
from muster.notices.completion import TOLD_ON_PAGE
from muster.onboarding.queries import territories_of
from muster.producers.models import Producer
from muster.producers.queries import visible_producers
from muster.transactions.terms import Setup, setup_of

AT_ONCE = 60
"""So many states x companies are requested while a person waits; more are left to the worker."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.PREPARE_FILINGS)
def appoint(request: StaffRequest, npn: str) -> HttpResponse:
    """Pick for what a producer is to be appointed, see what would be filed, and request it."""
    member, today = request.member, timezone.localdate()
    producer = get_object_or_404(visible_producers(member), npn=npn)
    setup = setup_of(member.organization_id, today=today)
    form = form_of(producer, setup, today)
    cocodes = [company.cocode for company in form.companies]
    if "request" in request.POST and (started := _started(request)):
        return redirect(landing_of(started))
    asked = request.POST if request.method == "POST" else request.GET
    choices = choices_in_form(asked, cocodes)
    if request.method != "POST" and not choices.cocodes and not choices.strangers and len(cocodes) == 1:
        choices = replace(choices, cocodes=tuple(cocodes))
    requests = requests_of(choices, npn=producer.npn)
    preview = preview_appointments(by=member, requests=requests, today=today, setup=setup)
    told = tell(preview, choices, setup)
    if "request" in request.POST and told.forecast.total and not told.is_refused:
        return _request(request, choices, producer)
    context = {
        "producer": producer,
        "form": form,
        "choices": choices,
        "preview": told,
        "others_open": any(one.code in choices.states for one in form.others),
        "unsold_open": any(code in choices.categories for code in form.unsold),
        "hint": f"Pick {_listed(choices.missing)}; what would be filed appears here.",
        "refusal": "First mend what is wrong; nothing is written before.",
        "fields": told.by_field,
        "swapped": bool(request.htmx),
        "said": _said(choices, told),
        "operation_id": uuid4(),
        "agent_types": AGENT_TYPES,
        "territories": territories_of(member),
        **_release(request, setup),
    }
    name = "appointing/preview.html" if request.htmx else "appointing/appoint.html"
    return render(request, name, context)


def _said(choices: Choices, told: PreviewTold) -> str:
    """What a screen reader hears of a preview."""
    if choices.missing:
        return f"Still to be picked: {_listed(choices.missing)}."
    if told.is_refused:
        return "Nothing can be requested yet: something is marked."
    if not told.forecast.total:
        return "There is nothing to request."
    counts = ", ".join(f"{one.count:,} {one.label}" for one in told.forecast.statuses)
    return f"{counted(told.forecast.total, 'transaction,transactions')}: {counts}."


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _release(request: StaffRequest, setup: Setup) -> dict[str, Any]:
    """Who lets what is requested go to the registry."""
    releasers = [role.label for role, grants in GRANTS.items() if Permission.RELEASE_FILINGS in grants]
    return {
        "may_release": request.member.may(Permission.RELEASE_FILINGS),
        "two_persons": setup.settings.two_person_release,
        "releasers": releasers,
    }


def _started(request: StaffRequest) -> Operation | None:
    """The operation that this page has started already: what is pressed twice is requested once."""
    operations = Operation.objects.visible_to(request.member, Permission.PREPARE_FILINGS)
    return operations.filter(pk=_operation_id(request), kind=AppointUpload.name).first()


def _operation_id(request: StaffRequest) -> UUID:
    try:
        return UUID(request.POST.get("operation", ""))
    except ValueError:
        raise Http404 from None


def _request(request: StaffRequest, choices: Choices, producer: Producer) -> HttpResponse:
    is_small = len(choices.states) * len(choices.cocodes) <= AT_ONCE
    try:
        operation = request_appointments(
            by=request.member,
            requests=requests_of(choices, npn=producer.npn),
            operation_id=_operation_id(request),
            now=timezone.now(),
            params={TOLD_ON_PAGE: is_small, SOURCE: Source.PERSON.value},
            defer=not is_small,
        )
    except NotThisOne:
        raise Http404 from None
    if is_small:
        _run_now(operation)
    operation.refresh_from_db()
    if operation.state == OperationState.DONE:
        messages.success(request, said_of(operation))
    return redirect(landing_of(operation))


def _run_now(operation: Operation) -> None:
    try:
        run(operation.pk)
    except OperationalError:
        # The database was busy: the sweeper has it tried again, and the operation's page tells how it stands.
        return
