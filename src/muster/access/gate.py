"""The door of every staff page: logged in, a member, and allowed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from muster.access.models import Membership
from muster.access.permissions import Permission

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """A request that has passed the gate."""

    member: Membership


def needs(permission: Permission) -> Callable[[View], View]:
    """Let a person in who is logged in and may do this; others get the log-in page, or 403."""

    def gate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.member is None or not request.member.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return login_required(guarded)

    return gate
