"""Who can see a producer's data, who looked, and how to have something corrected."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from muster.audit.operations import EventKind
from muster.portal.gate import ProducerRequest, for_producers
from muster.portal.pages import page
from muster.profiles.queries import looks_at, readers_of


@require_safe
@for_producers
def privacy(request: ProducerRequest) -> HttpResponse:
    """Who may see what, and the last looks at the SSN and the documents."""
    context = {
        "readers": readers_of(request.producer),
        "looks": looks_at(request.producer, besides=request.user.pk),
        "ssn_looked_at": EventKind.SSN_REVEALED.value,
    }
    return page(request, "portal/privacy.html", context)
