"""The page on which whoever got a mailing says that they want no more, or wants them again; no log-in.

A mail program posts to it too, by one click (RFC 8058): that alone is let in without a token of the page.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from muster.access.models import Organization
from muster.notices import opting_out
from muster.notices.opting_out import NoSuchLink, Place, place_of
from muster.notices.smtp import ONE_CLICK

LONGEST_TOKEN = 1_000


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt
@never_cache
def opt_out(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and do as the person says; opening the page changes nothing, for programs open links as well."""
    place, organization = _found(token)
    if not place.address:
        return render(request, "mailing/test_link.html", {"organization": organization})
    name, _, value = ONE_CLICK.partition("=")
    if request.method == "POST" and request.POST.get(name) == value:
        opting_out.opt_out(place)
        return HttpResponse("You are opted out.", content_type="text/plain")
    return _page(request, place, organization)


@csrf_protect
def _page(request: HttpRequest, place: Place, organization: Organization) -> HttpResponse:
    if request.method == "POST":
        if request.POST.get("wanted") == "yes":
            opting_out.opt_in(place)
        else:
            opting_out.opt_out(place)
    context = {
        "organization": organization,
        "address": place.address,
        "is_out": opting_out.opt_out_of(*place) is not None,
        "posted": request.method == "POST",
    }
    answer = render(request, "mailing/opt_out.html", context)
    # The address of this page is the person's key to it.
    answer["Referrer-Policy"] = "same-origin"
    return answer


def _found(token: str) -> tuple[Place, Organization]:
    try:
        place = place_of(token[:LONGEST_TOKEN])
    except NoSuchLink:
        raise Http404 from None
    return place, get_object_or_404(Organization, pk=place.organization_id)
