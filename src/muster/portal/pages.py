"""The frame of the producers' pages: where one can go, and whose pages these are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from muster.access.permissions import Permission
from muster.portal.gate import ProducerRequest


@dataclass(frozen=True, slots=True)
class Area:
    """A page of the navigation; `name` is its URL name, and the beginning of those of the pages below it."""

    label: str
    name: str
    icon: str


AREAS = (
    Area("Home", "portal-home", "home"),
    Area("Licenses", "portal-licenses", "certificate"),
    Area("Appointments", "portal-appointments", "clipboard-check"),
    Area("Profile", "portal-profile", "user"),
    Area("Documents", "portal-documents", "files"),
    Area("Privacy", "portal-privacy", "shield-lock"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation."""

    label: str
    icon: str
    url: str
    current: bool


def page(
    request: ProducerRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page of the producer who asks, in the frame; nothing of it is kept by the browser or on the way."""
    view = request.resolver_match.view_name if request.resolver_match else ""
    frame = {
        "producer": request.producer,
        "seat": request.seat,
        "entries": [
            Entry(area.label, area.icon, reverse(area.name), view.startswith(area.name)) for area in AREAS
        ],
        "is_staff_here": request.member.may(Permission.READ),
    }
    answer = render(request, template, {**frame, **(context or {})}, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer
