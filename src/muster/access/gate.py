"""The door of every staff page: logged in, a member, and allowed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from muster.access.models import Membership, User
from muster.access.permissions import Permission

View = Callable[..., HttpResponseBase]


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User  # type: ignore[assignment]


class StaffRequest(PersonRequest):
    """A request that has passed the gate."""

    member: Membership
    htmx: HtmxDetails


def needs(permission: Permission) -> Callable[[View], View]:
    """Let a person in who is logged in and may do this; others get the log-in page, or 403."""

    def gate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.member is None or not request.member.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return logged_in(guarded)

    return gate


def logged_in(view: View) -> View:
    """Let a person in who is logged in, whatever their organization; others get the log-in page."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.htmx:
            # A fragment that meets the end of the session must not swap the log-in page into itself.
            back = request.htmx.current_url_abs_path or request.get_full_path()
            return HttpResponseClientRedirect(redirect_to_login(back).url)
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")

    return guarded
