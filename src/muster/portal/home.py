"""The producer's first page: how they stand, where they are licensed, and what needs their attention."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.portal.attention import attention_of
from muster.portal.gate import ProducerRequest, for_producers
from muster.portal.pages import page
from muster.producers.places import StateRow, map_of, state_rows
from muster.producers.profile import profile_of
from muster.profiles.queries import kept_of


@require_safe
@for_producers
def home(request: ProducerRequest) -> HttpResponse:
    """Name, standing, map, what expires, and what is to be done."""
    producer, today = request.producer, timezone.localdate()
    profile = profile_of(producer, today=today, is_whole=False)
    rows = state_rows(profile)
    return page(
        request,
        "portal/home.html",
        {
            "profile": profile,
            "states": rows,
            "map": map_of(rows, is_known=producer.synced_at is not None, leads_to=_leads_to),
            "attention": attention_of(
                profile,
                kept_of(producer, today=today),
                organization=request.member.organization.name,
            ),
        },
    )


def _leads_to(row: StateRow) -> str:
    if row.held:
        return f"{reverse('portal-licenses')}#license-{row.held.license.pk}"
    return f"{reverse('portal-appointments')}#gaps"
