"""Who is to be onboarded, and those whose onboarding waits to be gone on with."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.onboarding.asking import Filled, identity_in, told
from muster.console.onboarding.told import all_told, name_of, said_of_look_up, tell_draft
from muster.core.onboarding import UNDER_WAY, DraftStatus, IdentifiedBy
from muster.core.words import states
from muster.onboarding.drafts import SomebodyElse, Started, choose, discard, look_up_again, start
from muster.onboarding.joining import known_by_npn
from muster.onboarding.models import Draft
from muster.onboarding.queries import drafts_under_way, in_a_file, visible_drafts
from muster.registry.adapter import open_registry

DRAFTS_A_PAGE = 50
AGENCY = "ONBOARD-E017"


@sensitive_post_parameters("ssn")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.IMPORT)
def new(request: StaffRequest) -> HttpResponse:
    """Say who is to be onboarded: by SSN, NPN or license number."""
    filled, known, is_agency = Filled(), None, False
    if npn := request.GET.get("npn", "")[:20]:
        # The page of somebody who was removed leads here.
        filled = Filled(IdentifiedBy.NPN, {"npn": npn})
    if request.method == "POST":
        filled, who = identity_in(request.POST)
        if who:
            started = start(by=request.member, who=who, open_registry=open_registry, now=timezone.now())
            if started.draft:
                return _led_on(request, started)
            filled.troubles, known = told(started.findings, who.by), started.known
            is_agency = any(one.code == AGENCY for one in started.findings)
    context = {
        "filled": filled,
        "troubles": filled.troubles,
        "known": known,
        "adds_agency": is_agency and request.member.may(Permission.MANAGE_AGENCIES),
        "states": states(),
    }
    return render(request, "onboarding/new.html", context)


def _led_on(request: StaffRequest, started: Started) -> HttpResponse:
    if started.draft is None:
        return redirect("draft-list")
    if started.resumed:
        messages.info(request, f"{name_of(started.draft)} is being onboarded already. You go on with that.")
    if (row := in_a_file(request.member, started.draft.npn)) and row.operation:
        messages.warning(
            request,
            f"Row {row.row_no} of the file {row.operation.source_name} names this producer too."
            " The producer is onboarded once, by whichever is finished first.",
        )
    return redirect("draft", started.draft.pk)


@require_safe
@needs(Permission.IMPORT)
def drafts(request: StaffRequest) -> HttpResponse:
    """The producers whose onboarding was begun and is not finished."""
    shown = Paginator(drafts_under_way(request.member), DRAFTS_A_PAGE).get_page(request.GET.get("page"))
    at = reverse("draft-list")
    context = {
        "drafts": [tell_draft(one) for one in shown],
        "summary": f"{shown.start_index()} to {shown.end_index()} of {shown.paginator.count}",
        "previous_url": f"{at}?page={shown.previous_page_number()}" if shown.has_previous() else "",
        "next_url": f"{at}?page={shown.next_page_number()}" if shown.has_next() else "",
    }
    return render(request, "onboarding/drafts.html", context)


def draft_of(request: StaffRequest, draft_id: int) -> Draft:
    """A draft of the organization's; 404 for any other."""
    found: Draft = get_object_or_404(visible_drafts(request.member).select_related("touched_by"), pk=draft_id)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.IMPORT)
def draft(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Go on with an onboarding, at the step that it has come to; or choose who is meant."""
    found = draft_of(request, draft_id)
    match found.status:
        case DraftStatus.ONBOARDED:
            return redirect("draft-done", found.pk)
        case DraftStatus.DISCARDED:
            messages.info(request, "This onboarding was discarded. Begin anew.")
            return redirect("onboard-producer")
        case DraftStatus.READY:
            return redirect(f"draft-{found.step}", found.pk)
        case DraftStatus.IDENTIFIED if request.method == "POST":
            return _choose(request, found)
    hits = found.facts.get("hits", ())
    known = known_by_npn(request.member.organization_id, [hit["npn"] for hit in hits])
    context = {
        "draft": tell_draft(found),
        "hits": [(hit, known.get(hit["npn"])) for hit in hits],
        "elsewhere": found.facts.get("elsewhere"),
        "number": found.license_number,
        "state": states().get(found.license_state, found.license_state),
    }
    return render(request, "onboarding/choose.html", context)


def _choose(request: StaffRequest, found: Draft) -> HttpResponse:
    npn = request.POST.get("npn", "")
    if not npn:
        messages.info(request, "Choose who is meant.")
        return redirect("draft", found.pk)
    try:
        started = choose(
            by=request.member, draft=found, npn=npn, open_registry=open_registry, now=timezone.now()
        )
    except SomebodyElse:
        # Somebody else has chosen this moment: it is shown whom.
        return redirect("draft", found.pk)
    if started.resumed:
        return _led_on(request, started)
    if started.findings:
        messages.warning(request, all_told(started.findings))
    return redirect("draft", found.pk)


@require_POST
@needs(Permission.IMPORT)
def look_up(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Ask the registry again about a producer who is being onboarded."""
    found = draft_of(request, draft_id)
    if found.npn and found.status in UNDER_WAY:
        ask_again(request, found)
    return redirect("draft", found.pk)


def ask_again(request: StaffRequest, found: Draft) -> Draft:
    """Look a draft up again, and say what was, and what differs."""
    since = timezone.localdate(found.looked_up_at) if found.looked_up_at else None
    found, differ, findings = look_up_again(
        by=request.member, draft=found, open_registry=open_registry, now=timezone.now()
    )
    if findings:
        messages.warning(request, f"{all_told(findings)} What is shown was looked up before.")
    else:
        messages.info(request, said_of_look_up(since, differ))
    return found


@require_POST
@needs(Permission.IMPORT)
def discard_draft(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Give an onboarding up."""
    if discard(by=request.member, draft=draft_of(request, draft_id), now=timezone.now()):
        messages.success(request, "The onboarding is discarded. Nobody was added.")
    return redirect("producer-list")
