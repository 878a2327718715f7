"""The producer's own appointments, and what they are meant to sell."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.appointments.queries import is_in_force
from muster.portal.gaps import tell_gaps
from muster.portal.gate import ProducerRequest, for_producers
from muster.portal.pages import page
from muster.producers.profile import appointments_of, meant
from muster.scorecards.queries import judged_now


@require_safe
@for_producers
def appointments(request: ProducerRequest) -> HttpResponse:
    """Appointments by company, those in force first; and the assignments with their gaps."""
    judged = judged_now(request.producer, today=timezone.localdate())
    found = appointments_of(request.producer, judged)
    assignments = [meant(card) for card in judged.cards]
    return page(
        request,
        "portal/appointments.html",
        {
            "in_force": [one for one in found if is_in_force(one)],
            "ended": [one for one in found if not is_in_force(one)],
            "assignments": assignments,
            "gaps": tell_gaps(assignments, organization=request.member.organization.name),
        },
    )
