"""The endpoints of an organization, one with its deliveries, and one delivery."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.lists.address import before_in
from muster.console.webhooks.forms import EndpointForm
from muster.core.webhooks import TEST, EventType
from muster.webhooks.keeping import KEPT_FOR
from muster.webhooks.models import Endpoint
from muster.webhooks.operations import CannotChange, change_endpoint, make_endpoint
from muster.webhooks.queries import (
    SHOWN_STATES,
    count_in_state,
    deliveries_of,
    endpoints_of,
    has_failed_ones,
    newest_deliveries,
)

PAGE = 50

SPANS = {"1": "1 hour", "24": "24 hours", "72": "3 days", "720": "30 days"}
"""How far back what failed is sent again, in hours."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to filter the deliveries."""

    name: str
    label: str
    count: int
    current: bool

    @property
    def url(self) -> str:
        return f"?state={self.name}" if self.name else "?"


@require_safe
@needs(Permission.MANAGE_SETTINGS)
def endpoints(request: StaffRequest) -> HttpResponse:
    """Every endpoint of the organization."""
    found = list(endpoints_of(request.member))
    return render(request, "webhooks/list.html", {"endpoints": found, "all_types": len(EventType)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.MANAGE_SETTINGS)
def new(request: StaffRequest) -> HttpResponse:
    """Make an endpoint, and show its secret this once."""
    form = EndpointForm(request.POST or None)
    if form.is_valid():
        try:
            endpoint, secret = make_endpoint(by=request.member, **form.cleaned_data)
        except CannotChange as problem:
            form.add_error(problem.field or None, str(problem))
        else:
            return render(request, "webhooks/secret.html", {"endpoint": endpoint, "secret": secret})
    return render(request, "webhooks/form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def change(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Change where an endpoint is, and what it is told."""
    endpoint = get_object_or_404(endpoints_of(request.member), pk=endpoint_id)
    form = EndpointForm(request.POST or None, initial=EndpointForm.told(endpoint))
    if form.is_valid():
        try:
            changed = change_endpoint(by=request.member, endpoint=endpoint, **form.cleaned_data)
        except CannotChange as problem:
            form.add_error(problem.field or None, str(problem))
        else:
            messages.success(request, "The endpoint is changed." if changed else "Nothing was changed.")
            return redirect("webhook", endpoint_id=endpoint.pk)
    return render(request, "webhooks/form.html", {"form": form, "endpoint": endpoint})


@require_safe
@needs(Permission.MANAGE_SETTINGS)
def endpoint_page(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """One endpoint, and its deliveries, newest first, fifty at a time."""
    endpoint = get_object_or_404(endpoints_of(request.member), pk=endpoint_id)
    chosen = request.GET.get("state", "")
    if chosen not in SHOWN_STATES:
        chosen = ""
    before = before_in(request.GET)
    found = newest_deliveries(endpoint, state=chosen, before=before, limit=PAGE + 1)
    tabs = _tabs(endpoint, chosen)
    query = f"?state={chosen}&" if chosen else "?"
    now = timezone.now()
    return render(
        request,
        "webhooks/endpoint.html",
        {
            "endpoint": endpoint,
            "types": [type_ for type_ in EventType if type_.value in endpoint.types],
            "old_secret_until": _later(endpoint, now),
            "deliveries": found[:PAGE],
            "tabs": tabs,
            "chosen": chosen,
            "may_send_again": endpoint.is_on and has_failed_ones(endpoint),
            "spans": SPANS,
            "kept_days": KEPT_FOR // timedelta(days=1),
            "first_url": query.rstrip("&") if before else None,
            "next_url": f"{query}before={found[PAGE - 1].pk}" if len(found) > PAGE else None,
        },
    )


def _later(endpoint: Endpoint, now: datetime) -> datetime | None:
    until = endpoint.old_secret_until
    return until if until and until > now else None


def _tabs(endpoint: Endpoint, chosen: str) -> list[Tab]:
    return [
        Tab("", "All", 0, not chosen),
        *(
            Tab(
                state.value,
                state.label,
                0 if state == "delivered" else count_in_state(endpoint, state),
                state == chosen,
            )
            for state in SHOWN_STATES
        ),
    ]


@require_safe
@needs(Permission.MANAGE_SETTINGS)
def delivery_page(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """One delivery: what was sent, and what was answered."""
    delivery = get_object_or_404(deliveries_of(request.member), pk=delivery_id)
    return render(
        request,
        "webhooks/delivery.html",
        {
            "delivery": delivery,
            "endpoint": delivery.endpoint,
            "is_test": delivery.event.type == TEST,
            "payload": json.dumps(delivery.event.payload, indent=2, ensure_ascii=False),
            "may_send": delivery.endpoint.is_on and (delivery.has_ended or delivery.is_tried_again),
        },
    )
