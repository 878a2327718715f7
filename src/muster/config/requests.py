"""Refuses requests that no page of ours makes, before a view has to think of them."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict

NUL = "\x00"


class NoNulMiddleware:
    """Answers 400 to NUL in an address or a form: PostgreSQL keeps no such text. Files may hold it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path or _holds_nul(request.GET) or _holds_nul(request.POST):
            raise SuspiciousOperation("NUL in a request")
        return self.get_response(request)


def _holds_nul(told: QueryDict) -> bool:
    return any(NUL in text for name, texts in told.lists() for text in (name, *texts))
