"""Every URL of the site."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path

from muster.config.health import healthz


def closed(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """A page of allauth that Muster does not offer."""
    raise Http404


# allauth reverses these names, so its patterns stay; people meet these first. An email address is the
# person's identity here and is not changed by the person alone, and nobody logs in by a code sent by email.
# An account of the single sign-on is connected by that address, not by hand.
CLOSED = [
    path("accounts/email/", closed),
    re_path(r"^accounts/confirm-email/", closed),
    path("accounts/password/set/", closed),
    re_path(r"^accounts/login/code/", closed),
    path("accounts/3rdparty/", closed),
    path("accounts/3rdparty/signup/", closed),
    re_path(r"^accounts/social/", closed),
]

urlpatterns = [
    *CLOSED,
    path("accounts/", include("allauth.urls")),
    path("healthz", healthz, name="healthz"),
    path("api/", include("muster.api.urls")),
    path("portal/", include("muster.portal.urls")),
    path("", include("muster.console.urls")),
]
