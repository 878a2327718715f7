"""The producer's own licenses."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from muster.licenses.standing import Standing
from muster.portal.gate import ProducerRequest, for_producers
from muster.portal.pages import page
from muster.producers.profile import licenses_of


@require_safe
@for_producers
def licenses(request: ProducerRequest) -> HttpResponse:
    """All licenses with their lines: resident ones first, those no longer listed last."""
    held = licenses_of(request.producer, today=timezone.localdate())
    listed = [one for one in held if one.standing is not Standing.GONE]
    in_force = sum(one.standing in (Standing.ACTIVE, Standing.EXPIRES_SOON) for one in listed)
    return page(
        request,
        "portal/licenses.html",
        {
            "profile": {"licenses": listed},
            "in_force": in_force,
            "gone": [one for one in held if one.standing is Standing.GONE],
        },
    )
