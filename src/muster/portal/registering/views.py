"""Following the link of an invitation, registering by it, and what comes then.

The link's secret is in the address of one request only: from then on the session holds its digest.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.ratelimit import consume_or_429
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from muster.access.gate import PersonRequest, logged_in
from muster.access.middleware import SESSION_KEY
from muster.access.models import User
from muster.access.tokens import digest_of
from muster.portal.registering.forms import PasswordForm
from muster.portals.addresses import home_path
from muster.portals.models import PortalUser
from muster.portals.queries import invitation_of, invitation_with
from muster.portals.registering import INVITATION, CannotRegister, InvitationOver, account_of
from muster.portals.registering import register as take_seat

GONE = 410

View = Callable[..., HttpResponseBase]


def guarded(view: View) -> View:
    """Only so often from one address, kept by nobody, and told to no other page."""

    @wraps(view)
    def answer(request: Any, *args: Any, **more: Any) -> HttpResponseBase:
        refused: HttpResponseBase | None = consume_or_429(request, action="portal_register", limit_get=True)
        response = refused or view(request, *args, **more)
        response["Referrer-Policy"] = "strict-origin"
        return response

    return never_cache(answer)


@require_safe
@guarded
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Take the link's secret out of the address, and go on. A link that opens nothing says so."""
    if invitation_of(token, now=timezone.now()) is None:
        return _over(request)
    request.session[INVITATION] = digest_of(token)
    return redirect("portal-registration")


@require_http_methods(["GET", "HEAD", "POST"])
@guarded
def register(request: HttpRequest) -> HttpResponse:
    """For whom the invitation is; a password for a new account, or the account that there is."""
    digest = request.session.get(INVITATION, "")
    seat = invitation_with(digest, now=timezone.now())
    if seat is None:
        return _over(request)
    account = account_of(seat)
    if request.user.is_authenticated:
        return _link(request, digest, seat, is_theirs=account is not None and account.pk == request.user.pk)
    if account is not None and account.has_usable_password():
        return _page(request, seat, must_log_in=True)
    form = PasswordForm(request.POST or None, person=User(email=seat.email, name=str(seat.producer)))
    if form.is_valid():
        return _take(request, digest, seat, password=form.cleaned_data["password1"])
    return _page(request, seat, form=form)


@require_safe
@logged_in
def done(request: PersonRequest) -> HttpResponse:
    """What comes after registering: a second factor, and the portal."""
    return render(
        request,
        "portal/registering/done.html",
        {"portal_url": home_path(), "has_mfa": is_mfa_enabled(request.user)},
    )


def _link(request: HttpRequest, digest: str, seat: PortalUser, *, is_theirs: bool) -> HttpResponse:
    if is_theirs and request.method == "POST":
        return _take(request, digest, seat)
    return _page(request, seat, links=is_theirs, is_somebody_else=not is_theirs)


def _take(request: HttpRequest, digest: str, seat: PortalUser, *, password: str = "") -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    try:
        taken = take_seat(digest=digest, user=user, password=password, now=timezone.now())
    except InvitationOver:
        return _over(request)
    except CannotRegister as reason:
        return _page(request, seat, reason=str(reason))
    if user is None:
        login(request, taken.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.pop(INVITATION, None)
    request.session[SESSION_KEY] = taken.seat.organization_id
    return redirect("portal-registered")


def _page(request: HttpRequest, seat: PortalUser, **more: Any) -> HttpResponse:
    return render(request, "portal/registering/register.html", {"seat": seat, **more})


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/registering/over.html", status=GONE)
