"""The list of producers, and the page of one."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.appointments.models import Appointment
from muster.bulk.kinds import upload_kinds
from muster.bulk.queries import operations_that_touched
from muster.console.changes.sentences import tell_all
from muster.console.lists.address import places_in
from muster.console.lists.asking import Narrowing, question_chips
from muster.console.lists.links import links_of
from muster.console.lists.pages import page_of_list
from muster.console.lists.shown import list_context
from muster.console.onboarding.told import tell_draft
from muster.console.producers.address import (
    NOBODY,
    ORDER_LABELS,
    chips,
    problem_toggles,
    query_of,
    selection_of,
)
from muster.console.producers.contacts import shared_addresses, shared_contacts
from muster.console.producers.gaps import tell_card
from muster.console.producers.licenses import tell_licenses
from muster.console.producers.listing import PRODUCERS
from muster.console.transactions.views import rows_of
from muster.core.licensing import PAYER_LABELS
from muster.core.words import states
from muster.history.models import Change
from muster.history.queries import changes_of, last_changes_to
from muster.licenses.payment import payment_of
from muster.mailing.queries import mails_to, preferred_email
from muster.notices.opting_out import opt_out_of
from muster.offboarding.queries import tenures_of
from muster.onboarding.queries import drafts_under_way
from muster.producers.models import MOVING, Producer, SyncStatus
from muster.producers.places import map_of, state_rows
from muster.producers.profile import profile_of
from muster.producers.queries import NO_AGENCY, ORDERS, agency_choices, producer_page, visible_producers
from muster.producers.viewing import note_viewed
from muster.profiles.queries import documents_of, kept_of
from muster.transactions.queries import newest_transactions

POLL_SECONDS = 2

MOST_DRAFTS = 3
"""So many of the onboardings that wait stand above the list; a page of its own has them all."""

MOST_CHANGES = 10
"""So many of the newest changes stand on a producer's page; the feed has the rest."""

MOST_MAILS = 10
"""So many of the newest mails stand there."""

MOST_FILINGS = 6
"""So many of the newest transactions stand there; the list has the rest."""


@require_safe
@needs(Permission.READ)
@page_of_list(PRODUCERS)
def producer_list(request: StaffRequest) -> HttpResponse:
    """Producers, searched, filtered and ordered as the address says."""
    member, selection = request.member, selection_of(request.GET)
    drafts = list(drafts_under_way(member)[: MOST_DRAFTS + 1])
    found = producer_page(
        member,
        selection,
        today=timezone.localdate(),
        narrow=Narrowing(PRODUCERS.subject, selection, member),
        **places_in(request.GET),
    )
    agencies, are_all = agency_choices(member, chosen=selection.agency)
    agency = next((one for one in agencies if one.pk == selection.agency), None)
    page = found.page
    return render(
        request,
        "producers/list.html",
        {
            "lines": found.lines,
            "total": page.total,
            "selection": selection,
            "chips": [
                *chips(selection, agency),
                *question_chips(selection, query_of, PRODUCERS.subject),
            ],
            "toggles": problem_toggles(selection),
            "nobody": NOBODY.get(selection.problem, ""),
            "states": states(),
            "statuses": SyncStatus.choices,
            "agencies": agencies,
            "agencies_are_all": are_all,
            "no_agency": NO_AGENCY,
            "orders": ORDER_LABELS,
            **links_of(page, selection, query_of),
            **list_context(
                request,
                PRODUCERS,
                selection,
                found.lines,
                objects=[line.producer for line in found.lines],
                orders=ORDERS,
            ),
            "may_import": member.may(Permission.IMPORT),
            "may_remove": member.may(Permission.REMOVE_PRODUCERS),
            "drafts": [tell_draft(one) for one in drafts[:MOST_DRAFTS]],
            "all_drafts": len(drafts) if len(drafts) <= MOST_DRAFTS else drafts_under_way(member).count(),
        },
    )


@require_safe
@needs(Permission.READ)
def by_id(request: StaffRequest, producer_id: int) -> HttpResponse:
    """From a producer's id, as the event log keeps it, to the page."""
    producer = get_object_or_404(visible_producers(request.member, ever=True), pk=producer_id)
    return redirect("producer-detail", npn=producer.npn)


# Not kept by the browser: going back to the page must not bring back an SSN that was open on it.
@require_safe
@never_cache
@needs(Permission.READ)
def detail(request: StaffRequest, npn: str) -> HttpResponse:
    """All that is known of one producer."""
    return producer_answer(request, npn, is_view=True)


def producer_answer(
    request: StaffRequest, npn: str, *, ssn: str | None = None, is_view: bool = False
) -> HttpResponse:
    """The page of a producer; `ssn` is the opened number, where a browser without scripts asked for it.

    That it was opened is remembered where it `is_view`.
    """
    member, today = request.member, timezone.localdate()
    everybody = visible_producers(member, ever=True).select_related("agency", "leaving__asked_by")
    producer = get_object_or_404(everybody, npn=npn)
    is_here = producer.removed_at is None
    if is_view and is_here:
        note_viewed(member, producer, now=timezone.now())
    profile = profile_of(producer, today=today)
    kinds = [kind.name for kind in upload_kinds() if kind.onboards]
    touches = operations_that_touched(
        organization_id=member.organization_id, target_id=producer.pk, kinds=kinds
    )
    files: dict[UUID | None, str] = {
        touch.operation.pk: touch.operation.source_name or "" for touch in touches
    }
    rows = state_rows(profile)
    return render(
        request,
        "producers/detail.html",
        {
            **sync_context(request, producer, today),
            "profile": profile,
            "states": rows,
            "map": map_of(rows, is_known=producer.synced_at is not None),
            "cards": [
                tell_card(
                    meant,
                    npn=npn,
                    file=files.get(meant.assignment.operation_id, ""),
                    may_prepare=is_here and member.may(Permission.PREPARE_FILINGS),
                )
                for meant in profile.assignments
            ],
            "licenses": tell_licenses(
                profile.licenses,
                seen=last_changes_to(producer, kind=Change.Kind.LICENSE, new={"is_active": False}),
                today=today,
            ),
            "sound": [one for one in profile.appointments if one.health != Appointment.Health.AT_RISK],
            "ended": [one for one in profile.ended_appointments if one.health != Appointment.Health.AT_RISK],
            "addresses": shared_addresses(profile.addresses),
            "contacts": shared_contacts(profile.contacts),
            "filings": rows_of(newest_transactions(producer, limit=MOST_FILINGS), today),
            "changes": tell_all(changes_of(producer, limit=MOST_CHANGES)),
            "touches": touches,
            "kept": kept_of(producer, today=today),
            "documents": documents_of(producer),
            "payment": payment_of(producer),
            "payers": PAYER_LABELS,
            "may_see_ssn": is_here and member.may(Permission.SEE_SSN),
            "may_prepare": is_here and member.may(Permission.PREPARE_FILINGS),
            "may_remove": is_here and member.may(Permission.REMOVE_PRODUCERS),
            "may_invite": is_here and member.may(Permission.INVITE_PRODUCERS),
            "may_onboard": member.may(Permission.IMPORT),
            **_mail_context(request, producer),
            "tenures": tenures_of(producer),
            "leaving": getattr(producer, "leaving", None),
            "operation_id": uuid4(),
            "ssn": ssn,
        },
    )


def _mail_context(request: StaffRequest, producer: Producer) -> dict[str, object]:
    """What the producer's page tells of mailings, to whoever may send them."""
    member = request.member
    if not member.may(Permission.SEND_MAIL):
        return {}
    return {
        "may_mail": True,
        "may_read_mail": member.may(Permission.READ_MAIL),
        "mails": mails_to(producer, limit=MOST_MAILS),
        "preferred_email": (preferred := preferred_email(producer)),
        "mail_address": preferred or producer.email,
        "opted_out": opt_out_of(producer.organization_id, producer.email, preferred),
    }


@require_safe
@never_cache
@needs(Permission.READ)
def sync(request: StaffRequest, npn: str) -> HttpResponse:
    """How the sync stands, asked again and again while it moves; at its end the page is loaded anew."""
    producer = get_object_or_404(visible_producers(request.member), npn=npn)
    return sync_answer(request, producer)


def sync_answer(request: StaffRequest, producer: Producer) -> HttpResponse:
    """The part of the page that tells how the sync stands."""
    context = sync_context(request, producer, timezone.localdate())
    answer = render(request, "producers/sync.html", context)
    if not context["moves"]:
        answer["HX-Refresh"] = "true"
    return answer


def sync_context(request: StaffRequest, producer: Producer, today: date) -> dict[str, object]:
    """What the template of the sync needs."""
    return {
        "producer": producer,
        "moves": producer.sync_status in MOVING,
        "poll_seconds": POLL_SECONDS,
        "may_sync": request.member.may(Permission.SYNC),
        "today": today,
    }
