"""What can be done on the pages of producers: ask the registry again, end appointments, open an SSN."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.appointments.queries import visible_appointments
from muster.console.operations.starting import kind_for, start, ticked_in
from muster.console.producers.views import producer_answer, sync_answer
from muster.core.licensing import PAYER_LABELS
from muster.core.values import clean_reason
from muster.licenses.payment import set_payment
from muster.licenses.queries import visible_licenses
from muster.mailing.queries import preferred_email
from muster.notices import opting_out
from muster.notices.opting_out import LONGEST_REASON, Place
from muster.offboarding.keeping import CallOffRemovals
from muster.offboarding.removing import RemoveProducers
from muster.portals.inviting import InviteToPortal
from muster.producers.models import Producer
from muster.producers.operations import reveal_ssn
from muster.producers.queries import visible_producers
from muster.profiles.documents import download
from muster.profiles.models import Document
from muster.registry.operations import resync
from muster.transactions.actions.endings import TerminateAppointments
from muster.transactions.actions.renewals import RenewLicenses
from muster.vault import CannotOpenSeal

MOST_TICKED = 1_000
"""More appointments than one producer has."""


@require_POST
@needs(Permission.SYNC)
def resync_one(request: StaffRequest, npn: str) -> HttpResponse:
    """Ask the registry again about one producer."""
    producer = get_object_or_404(visible_producers(request.member), npn=npn)
    resync(member=request.member, producers=Producer.objects.filter(pk=producer.pk), now=timezone.now())
    if request.headers.get("HX-Request"):
        producer.refresh_from_db()
        return sync_answer(request, producer)
    messages.success(request, "The registry is asked again.")
    return redirect("producer-detail", npn=producer.npn)


@require_POST
@needs(Permission.READ)
def terminate(request: StaffRequest, npn: str) -> HttpResponse:
    """End the appointments of one producer that are ticked: first it is confirmed."""
    kind = kind_for(request, TerminateAppointments.name, "appointment")
    producer = get_object_or_404(visible_producers(request.member), npn=npn)
    back = reverse("producer-detail", args=[producer.npn]) + "#appointments"
    ticked = ticked_in(request, most=MOST_TICKED)
    if not ticked:
        messages.info(request, "Tick the appointments that are to end, then press Terminate.")
        return redirect(back)
    chosen = visible_appointments(request.member).filter(producer=producer, pk__in=ticked).order_by("id")
    operation = start(request, kind, chosen, told=",".join(ticked), back=back, few=True)
    return redirect("operation-detail", operation.pk)


@require_POST
@needs(Permission.READ)
def renew(request: StaffRequest, npn: str) -> HttpResponse:
    """Renew licenses of one producer: first it is confirmed."""
    kind = kind_for(request, RenewLicenses.name, "license")
    producer = get_object_or_404(visible_producers(request.member), npn=npn)
    back = reverse("producer-detail", args=[producer.npn]) + "#licenses"
    ticked = ticked_in(request, most=MOST_TICKED)
    if not ticked:
        messages.info(request, "Choose the licenses that are to be renewed, then press Renew.")
        return redirect(back)
    chosen = visible_licenses(request.member).filter(producer=producer, pk__in=ticked).order_by("id")
    operation = start(request, kind, chosen, told=",".join(ticked), back=back, few=True)
    return redirect("operation-detail", operation.pk)


@require_POST
@needs(Permission.PREPARE_FILINGS)
def payment(request: StaffRequest, npn: str) -> HttpResponse:
    """Set who pays for the licenses of one producer, and whether they renew by themselves."""
    producer = get_object_or_404(visible_producers(request.member), npn=npn)
    new, renewal = request.POST.get("new_paid_by", ""), request.POST.get("renewal_paid_by", "")
    if {new, renewal} <= {"", *PAYER_LABELS}:
        set_payment(
            by=request.member,
            producers=[producer],
            new_paid_by=new,
            renewal_paid_by=renewal,
            auto_renewal=request.POST.get("auto_renewal") == "yes",
            now=timezone.now(),
        )
        messages.success(request, "Saved.")
    else:
        messages.error(request, "That is nobody who could pay. Choose Agency or Producer.")
    return redirect(reverse("producer-detail", args=[producer.npn]) + "#payment")


@require_POST
@needs(Permission.SEND_MAIL)
def opt_out(request: StaffRequest, npn: str) -> HttpResponse:
    """Note that one producer wants no mailings, and why."""
    producer = get_object_or_404(visible_producers(request.member), npn=npn)
    reason, _ = clean_reason(request.POST.get("reason", "")[:LONGEST_REASON])
    address = preferred_email(producer) or producer.email
    if not address:
        messages.error(request, "No email address is known, so there are no mailings to opt out of.")
    elif not reason:
        messages.error(request, "Say why, then press Opt out: the reason is kept.")
    else:
        place = Place(producer.organization_id, address)
        opting_out.opt_out(place, by=request.member, reason=reason, producer_id=producer.pk)
        messages.success(request, f"{address} gets no more mailings.")
    return redirect(reverse("producer-detail", args=[producer.npn]) + "#mail")


@require_POST
@needs(Permission.READ)
def remove(request: StaffRequest, npn: str) -> HttpResponse:
    """Remove one producer: first it is confirmed."""
    return _begin(request, RemoveProducers.name, npn)


@require_POST
@needs(Permission.READ)
def keep(request: StaffRequest, npn: str) -> HttpResponse:
    """Call off that one producer is removed: first it is confirmed."""
    return _begin(request, CallOffRemovals.name, npn)


@require_POST
@needs(Permission.READ)
def invite(request: StaffRequest, npn: str) -> HttpResponse:
    """Invite one producer to a portal: first it is confirmed."""
    return _begin(request, InviteToPortal.name, npn)


def _begin(request: StaffRequest, name: str, npn: str) -> HttpResponse:
    kind = kind_for(request, name, "producer")
    chosen = visible_producers(request.member).filter(npn=npn)
    producer = get_object_or_404(chosen)
    back = reverse("producer-detail", args=[producer.npn])
    operation = start(request, kind, chosen.order_by("id"), told=producer.npn, back=back, few=True)
    return redirect("operation-detail", operation.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.READ)
def ssn(request: StaffRequest, npn: str) -> HttpResponse:
    """A producer's SSN: masked when asked for, open when posted for by one who may see it."""
    producer = get_object_or_404(visible_producers(request.member), npn=npn)
    number = None
    if request.method == "POST":
        if not request.member.may(Permission.SEE_SSN):
            raise PermissionDenied
        try:
            number = reveal_ssn(by=request.member, producer=producer)
        except CannotOpenSeal as reason:
            messages.error(request, str(reason))
    if not request.headers.get("HX-Request"):
        return producer_answer(request, npn, ssn=number)
    context = {"producer": producer, "ssn": number, "may_see_ssn": request.member.may(Permission.SEE_SSN)}
    return render(request, "producers/ssn.html", context)


@require_safe
@needs(Permission.READ)
def document(request: StaffRequest, npn: str, document_id: int) -> HttpResponse:
    """A document that the producer added, to be saved; on record."""
    everybody = visible_producers(request.member, ever=True)
    mine = Document.objects.visible_to(request.member, Permission.READ).select_related("content")
    found = get_object_or_404(mine, pk=document_id, producer=get_object_or_404(everybody, npn=npn))
    return download(found, by_id=request.user.pk)
