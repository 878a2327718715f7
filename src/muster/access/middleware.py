"""Finds the organization in which a person is working."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from muster.access.models import Membership
from muster.access.queries import current_membership

SESSION_KEY = "organization"


class MemberMiddleware:
    """Sets `request.member`: the place in the organization the person chose, else in their first, or None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.member = self._member(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _member(self, request: HttpRequest) -> Membership | None:
        if not request.user.is_authenticated:
            return None
        return current_membership(request.user, chosen=request.session.get(SESSION_KEY))
