"""The steps of the wizard: details and payment, states and their lines, review; and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.onboarding.asking import Troubles, choices_in, details_in, lacking, ssn_in, told
from muster.console.onboarding.told import name_of, offered, tell_draft
from muster.console.onboarding.views import ask_again, draft_of
from muster.core.findings import finding
from muster.core.licensing import PAYER_LABELS
from muster.core.onboarding import (
    GENDERS,
    STEP_LABELS,
    UNDER_WAY,
    DraftStatus,
    IdentifiedBy,
    Step,
    missing,
    reached,
)
from muster.core.onboarding_facts import common_lines, granted_lines, is_stale
from muster.core.transactions import Status, TransactionKind
from muster.core.words import LOA_CATEGORIES, states
from muster.onboarding.cost import Cost, cost_of
from muster.onboarding.drafts import SomebodyElse, give_ssn, save_choices, save_details
from muster.onboarding.joining import email_in_use, known_by_npn
from muster.onboarding.models import Draft
from muster.onboarding.operations import onboard
from muster.onboarding.queries import states_of, territories_of
from muster.producers.models import Producer
from muster.producers.queries import agency_choices, visible_agencies, visible_producers
from muster.registry.adapter import open_registry
from muster.transactions.models import Transaction

CATEGORIES = ("life", "health", "property", "casualty", "personal_lines", "variable")
"""The LOA categories that can be ticked in every chosen state at once."""


def _open(request: StaffRequest, draft_id: int, step: Step) -> Draft | HttpResponse:
    """The draft at a step, looked up again where its facts are old; or where to go instead."""
    found = draft_of(request, draft_id)
    if found.status != DraftStatus.READY:
        return redirect("draft", found.pk)
    if reached(step=Step(found.step), asked=step) is not step:
        return redirect(f"draft-{found.step}", found.pk)
    if request.method != "POST" and is_stale(found.looked_up_at, now=timezone.now()):
        found = ask_again(request, found)
    return found


def _render(request: StaffRequest, found: Draft, step: Step, context: Mapping[str, Any]) -> HttpResponse:
    order = list(Step)
    farthest = order.index(Step(found.step))
    return render(
        request,
        f"onboarding/{step.value}.html",
        {
            "draft": found,
            "told": tell_draft(found),
            "facts": found.facts,
            "steps": [(one, STEP_LABELS[one], order.index(one) <= farthest, one is step) for one in order],
            "payers": PAYER_LABELS,
            **context,
        },
    )


def _overtaken(request: StaffRequest, overtaken: SomebodyElse, step: Step) -> HttpResponse:
    messages.warning(request, overtaken_told(overtaken.draft))
    name = f"draft-{step.value}" if overtaken.draft.status == DraftStatus.READY else "draft"
    return redirect(name, overtaken.draft.pk)


def overtaken_told(found: Draft) -> str:
    """What is said to who was overtaken by somebody else in the same draft."""
    who = found.touched_by or "Somebody else"
    at = timezone.localtime(found.touched_at).strftime("%-I:%M %p")
    if found.status not in UNDER_WAY:
        return f"{who} ended this onboarding at {at}."
    return f"{who} changed this onboarding at {at}, so yours was not saved. This is how it stands now."


def _version(request: StaffRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


@sensitive_post_parameters("ssn")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.IMPORT)
def details(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Review and correct the details, and say who pays."""
    found = _open(request, draft_id, Step.DETAILS)
    if isinstance(found, HttpResponse):
        return found
    troubles: Troubles = {}
    if request.method == "POST":
        asked = request.POST.get("agency", "")
        agency_ids = visible_agencies(request.member).filter(
            pk=int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 18 else 0
        )
        filled, troubles = details_in(request.POST, agency_ids.values_list("pk", flat=True))
        used = email_in_use(found.organization_id, filled.email, npn=found.npn, draft_id=found.pk)
        troubles |= told([used]) if used else {}
        version = _version(request)
        if troubles:
            # Everything else is saved; an address that is none, or somebody else's, is not.
            filled = replace(filled, email=found.email)
        leaves = "next" not in request.POST
        lacks = missing(
            Step.DETAILS,
            email=filled.email,
            new_paid_by=filled.new_paid_by,
            renewal_paid_by=filled.renewal_paid_by,
            choices={},
        )
        if not leaves:
            troubles |= {name: some for name, some in lacking(lacks).items() if name not in troubles}
        try:
            if asks_for_ssn(found):
                before = found
                found, wrong = _with_ssn(request, before)
                troubles |= wrong
                if found is not before:
                    version = found.version
            goes_on = not leaves and not troubles
            found = save_details(
                by=request.member,
                draft=found,
                version=version,
                details=filled,
                goes_on=goes_on,
                now=timezone.now(),
            )
        except SomebodyElse as overtaken:
            return _overtaken(request, overtaken, Step.DETAILS)
        if leaves:
            for name, label in (("email", "email address"), ("ssn", "SSN")):
                for one in troubles.get(name, ()):
                    messages.warning(request, f"The {label} is not saved. {one.text} {one.fix}")
            return _left(request)
        if goes_on:
            return redirect("draft-states", found.pk)
    chosen = found.details.get("agency_id")
    agencies, are_all = agency_choices(request.member, chosen=chosen)
    return _render(
        request,
        found,
        Step.DETAILS,
        {
            "troubles": troubles,
            "email": request.POST.get("email", found.email)[:300],
            "agencies": agencies,
            "agencies_are_all": are_all,
            "agency_id": chosen,
            "asks_for_ssn": asks_for_ssn(found),
            "genders": GENDERS,
        },
    )


def asks_for_ssn(found: Draft) -> bool:
    """Whether the SSN that the onboarding was begun with has been deleted since."""
    return found.identified_by == IdentifiedBy.SSN and not found.ssn_sealed


def _with_ssn(request: StaffRequest, found: Draft) -> tuple[Draft, Troubles]:
    """The draft with the SSN that is told anew, if one is, and it is the producer's."""
    ssn, troubles = ssn_in(request.POST)
    if not ssn:
        return found, troubles
    found, findings = give_ssn(
        by=request.member,
        draft=found,
        version=_version(request),
        ssn=ssn,
        open_registry=open_registry,
        now=timezone.now(),
    )
    return found, {"ssn": [one for some in told(findings).values() for one in some]} if findings else {}


def _left(request: StaffRequest) -> HttpResponse:
    messages.success(request, "Saved. Go on with it whenever you like, from Manage Producers.")
    return redirect("draft-list")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.IMPORT)
def choose_states(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Choose states, alone or by territory, and the lines in each."""
    found = _open(request, draft_id, Step.STATES)
    if isinstance(found, HttpResponse):
        return found
    territories = territories_of(request.member)
    troubles: Troubles = {}
    if request.method == "POST":
        choices = _picked(request, found, states_of(territories))
        lacks = _lacking(found, choices)
        goes_on = "next" in request.POST and not lacks
        try:
            found = save_choices(
                by=request.member,
                draft=found,
                version=_version(request),
                choices=choices,
                goes_on=goes_on,
                now=timezone.now(),
            )
        except SomebodyElse as overtaken:
            return _overtaken(request, overtaken, Step.STATES)
        if goes_on:
            return redirect("draft-review", found.pk)
        if "save" in request.POST:
            return _left(request)
        if "next" in request.POST:
            troubles = lacks
        else:
            return redirect("draft-states", found.pk)
    return _render(
        request,
        found,
        Step.STATES,
        {
            "offered": offered(found.facts, found.choices),
            "territories": territories,
            "categories": {code: LOA_CATEGORIES[code] for code in CATEGORIES},
            "troubles": troubles,
            **_cost(found),
        },
    )


def _picked(
    request: StaffRequest, found: Draft, territories: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """What is ticked, with the states of a territory, or the common lines of a category, that was pressed."""
    choices = choices_in(request.POST)
    for code in territories.get(request.POST.get("territory", ""), ()):
        if granted_lines(code):
            choices.setdefault(code, [])
        else:
            messages.info(request, f"No lines of authority are on file for {states()[code]}; it is left off.")
    category = request.POST.get("category", "")
    if category in CATEGORIES:
        choices = {
            code: [*lines, *common_lines(code, category, found.facts)] for code, lines in choices.items()
        }
    return {} if "clear" in request.POST else choices


def _lacking(found: Draft, choices: Mapping[str, Sequence[str]]) -> Troubles:
    """States without a line chosen, each with why."""
    empty = missing(
        Step.STATES, email="-", new_paid_by="-", renewal_paid_by="-",
        choices=choices,
    )  # fmt: skip
    troubles = lacking(empty)
    for code in choices:
        if not granted_lines(code):
            troubles |= told([finding("ONBOARD-E008", field=code, state=states()[code])])
    return troubles


def _cost(found: Draft) -> dict[str, Cost | str]:
    cost = cost_of(found.organization_id, found.facts, found.choices, on=timezone.localdate())
    return {"cost": cost, "payer": PAYER_LABELS.get(found.new_paid_by, "")}


@require_POST
@never_cache
@needs(Permission.IMPORT)
def cost(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Save what was clicked, and answer with the estimated cost."""
    found = draft_of(request, draft_id)
    context: dict[str, Any] = {"swapped": True}
    if found.status == DraftStatus.READY:
        try:
            found = save_choices(
                by=request.member,
                draft=found,
                version=_version(request),
                choices=choices_in(request.POST),
                goes_on=False,
                now=timezone.now(),
            )
        except SomebodyElse as overtaken:
            found = overtaken.draft
            context["overtaken"] = overtaken_told(found)
    else:
        context["overtaken"] = overtaken_told(found)
    return render(request, "onboarding/cost.html", {"draft": found, **context, **_cost(found)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.IMPORT)
def review(request: StaffRequest, draft_id: int) -> HttpResponse:
    """See all of it once more, and finish."""
    found = _open(request, draft_id, Step.REVIEW)
    if isinstance(found, HttpResponse):
        return found
    troubles = lacking(
        missing(
            Step.REVIEW,
            email=found.email,
            new_paid_by=found.new_paid_by,
            renewal_paid_by=found.renewal_paid_by,
            choices=found.choices,
        )
    )
    if used := email_in_use(found.organization_id, found.email, npn=found.npn, draft_id=found.pk):
        troubles |= told([used])
    if request.method == "POST":
        if "save" in request.POST:
            return _left(request)
        if _version(request) != found.version:
            return _overtaken(request, SomebodyElse(found), Step.REVIEW)
        if is_stale(found.looked_up_at, now=timezone.now()):
            # The page may have stood open for days.
            ask_again(request, found)
            return redirect("draft-review", found.pk)
        if not troubles:
            return _finish(request, found)
    known = known_by_npn(found.organization_id, [found.npn]).get(found.npn)
    return _render(
        request,
        found,
        Step.REVIEW,
        {
            "troubles": troubles,
            "comes_back": bool(known and known.is_removed),
            "agency": visible_agencies(request.member).filter(pk=found.details.get("agency_id") or 0).first(),
            "gender": GENDERS.get(found.gender, ""),
            "new_paid_by": PAYER_LABELS.get(found.new_paid_by, ""),
            "renewal_paid_by": PAYER_LABELS.get(found.renewal_paid_by, ""),
            **_cost(found),
        },
    )


def _finish(request: StaffRequest, found: Draft) -> HttpResponse:
    onboard(
        organization_id=found.organization_id,
        draft_ids=[found.pk],
        by_id=request.member.user_id,
        now=timezone.now(),
        version=found.version,
    )
    now_is = draft_of(request, found.pk)
    if now_is.status == DraftStatus.READY and now_is.version != found.version:
        return _overtaken(request, SomebodyElse(now_is), Step.REVIEW)
    return redirect("draft", found.pk)


@require_safe
@never_cache
@needs(Permission.IMPORT)
def done(request: StaffRequest, draft_id: int) -> HttpResponse:
    """The producer is onboarded: add another one, or go to the profile."""
    found = draft_of(request, draft_id)
    producer: Producer | None = (
        visible_producers(request.member).filter(pk=found.producer_id or 0).first()
        if found.status == DraftStatus.ONBOARDED
        else None
    )
    if producer is None:
        return redirect("draft", found.pk) if found.status in UNDER_WAY else redirect("producer-list")
    asked_for = Transaction.objects.filter(
        producer=producer, kind=TransactionKind.LICENSE, status=Status.READY
    )
    context = {"draft": found, "name": name_of(found), "producer": producer, "licenses": asked_for.count()}
    return render(request, "onboarding/done.html", context)
