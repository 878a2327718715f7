"""What is done with an endpoint and its deliveries."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from muster.access.gate import StaffRequest, needs
from muster.access.permissions import Permission
from muster.console.webhooks.views import SPANS
from muster.core.counting import counted
from muster.webhooks import operations
from muster.webhooks.models import Endpoint
from muster.webhooks.queries import deliveries_of, endpoints_of


def _endpoint(request: StaffRequest, endpoint_id: int) -> Endpoint:
    found: Endpoint = get_object_or_404(endpoints_of(request.member), pk=endpoint_id)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Permission.MANAGE_SETTINGS)
def rotate(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Give an endpoint a new secret, once that is confirmed, and show it this once."""
    endpoint = _endpoint(request, endpoint_id)
    if request.method == "POST":
        secret = operations.rotate_secret(by=request.member, endpoint=endpoint)
        return render(
            request, "webhooks/secret.html", {"endpoint": endpoint, "secret": secret, "rotated": True}
        )
    return render(request, "webhooks/rotate.html", {"endpoint": endpoint})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.MANAGE_SETTINGS)
def delete(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Delete an endpoint, once that is confirmed."""
    endpoint = _endpoint(request, endpoint_id)
    if request.method == "POST":
        operations.delete_endpoint(by=request.member, endpoint=endpoint)
        messages.success(request, "The endpoint is deleted. Nothing is sent there any more.")
        return redirect("webhook-list")
    return render(request, "webhooks/delete.html", {"endpoint": endpoint})


@require_POST
@needs(Permission.MANAGE_SETTINGS)
def on(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Switch an endpoint on."""
    if operations.switch_on(by=request.member, endpoint=_endpoint(request, endpoint_id)):
        messages.success(request, "The endpoint is on: it is told of what happens from now on.")
    return redirect("webhook", endpoint_id=endpoint_id)


@require_POST
@needs(Permission.MANAGE_SETTINGS)
def off(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Switch an endpoint off."""
    endpoint = _endpoint(request, endpoint_id)
    if operations.switch_off(by=request.member, endpoint=endpoint, why=Endpoint.Off.BY_HAND):
        messages.success(request, "The endpoint is off. What happens meanwhile is not kept for it.")
    return redirect("webhook", endpoint_id=endpoint_id)


@require_POST
@needs(Permission.MANAGE_SETTINGS)
def test(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Send an event that says nothing, and show what becomes of it."""
    endpoint = _endpoint(request, endpoint_id)
    if not endpoint.is_on:
        messages.error(request, "The endpoint is off. Switch it on, then send a test.")
        return redirect("webhook", endpoint_id=endpoint_id)
    delivery = operations.send_test(by=request.member, endpoint=endpoint)
    messages.info(request, "The test is on its way. What is answered appears here.")
    return redirect("webhook-delivery", delivery_id=delivery.pk)


@require_POST
@needs(Permission.MANAGE_SETTINGS)
def again(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Send once more all that failed within a span of time."""
    endpoint = _endpoint(request, endpoint_id)
    hours = request.POST.get("hours", "")
    if not endpoint.is_on:
        messages.error(request, "The endpoint is off. Switch it on, then send what failed again.")
    elif hours not in SPANS:
        messages.error(request, "Choose how far back, then press Send again.")
    else:
        since = timezone.now() - timedelta(hours=int(hours))
        sent = operations.send_failed_again(by=request.member, endpoint=endpoint, since=since)
        told = f"{counted(sent, 'event is,events are')} on the way again." if sent else ""
        messages.info(request, told or f"Nothing failed within the last {SPANS[hours]}.")
    return redirect("webhook", endpoint_id=endpoint_id)


@require_POST
@needs(Permission.MANAGE_SETTINGS)
def one_again(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Send one event once more."""
    delivery = get_object_or_404(deliveries_of(request.member), pk=delivery_id)
    if operations.send_again(by=request.member, delivery=delivery):
        messages.success(request, "The event is on its way again, under the same webhook-id.")
    elif not delivery.endpoint.is_on:
        messages.error(request, "The endpoint is off. Switch it on, then send the event again.")
    else:
        messages.info(request, "The event is on its way already.")
    return redirect("webhook-delivery", delivery_id=delivery_id)
