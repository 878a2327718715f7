"""Making and changing endpoints, and sending again, on record. Claims: `muster.webhooks.claiming`.

All times of deliveries are the database's: web and workers may run on machines whose clocks differ.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.operations import EventKind, record
from muster.core.values import plain
from muster.core.webhooks import TEST, EventType, write_secret
from muster.vault import seal, unseal
from muster.webhooks.addresses import AddressRefused, check_url
from muster.webhooks.claiming import end_of_those_off
from muster.webhooks.models import ENDED, TRIED_AGAIN, Delivery, DeliveryState, Endpoint, WebhookEvent
from muster.webhooks.queue import defer_delivery
from muster.webhooks.telling import tell_admins

RANDOM_BYTES = 32
LONGEST_DESCRIPTION = 200
MOST_ENDPOINTS = 20
OLD_SECRET_LIVES = timedelta(hours=24)


class CannotChange(Exception):
    """An endpoint cannot be so: the message is a sentence that says why, and what to do."""

    def __init__(self, words: str, *, field: str = "") -> None:
        super().__init__(words)
        self.field = field


def make_endpoint(
    *, by: Membership, url: str, types: Collection[str], description: str = ""
) -> tuple[Endpoint, str]:
    """Make an endpoint, on record; the second value is its secret, to be shown this once.

    Raises CannotChange, PermissionDenied.
    """
    _must(by)
    if Endpoint.objects.filter(organization_id=by.organization_id).count() >= MOST_ENDPOINTS:
        raise CannotChange(
            f"There are {MOST_ENDPOINTS} endpoints, which is the most. Delete one that nobody needs."
        )
    secret = write_secret(secrets.token_bytes(RANDOM_BYTES))
    endpoint = Endpoint(organization_id=by.organization_id, made_by_id=by.user_id, secret=seal(secret))
    _set(endpoint, url, types, description)
    with transaction.atomic():
        endpoint.save()
        _record(EventKind.WEBHOOK_CREATED, endpoint, by)
    return endpoint, secret


def change_endpoint(
    *, by: Membership, endpoint: Endpoint, url: str, types: Collection[str], description: str = ""
) -> bool:
    """Change where an endpoint is and what it is told, on record; False where nothing differs.

    Raises CannotChange, PermissionDenied.
    """
    _must(by)
    before = (endpoint.url, endpoint.types, endpoint.description)
    _set(endpoint, url, types, description)
    if before == (endpoint.url, endpoint.types, endpoint.description):
        return False
    with transaction.atomic():
        endpoint.save(update_fields=["url", "types", "description"])
        _record(EventKind.WEBHOOK_CHANGED, endpoint, by)
    return True


def rotate_secret(*, by: Membership, endpoint: Endpoint) -> str:
    """Give an endpoint a new secret, on record, and return it; the old one signs along for a day."""
    _must(by)
    secret = write_secret(secrets.token_bytes(RANDOM_BYTES))
    with transaction.atomic():
        found = Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
        Endpoint.objects.filter(pk=found.pk).update(
            secret=seal(secret), old_secret=found.secret, old_secret_until=Now() + OLD_SECRET_LIVES
        )
        _record(EventKind.WEBHOOK_ROTATED, found, by)
    return secret


def switch_on(*, by: Membership, endpoint: Endpoint) -> bool:
    """Tell an endpoint again of what happens, on record; False where it is told already."""
    _must(by)
    with transaction.atomic():
        moved = (
            Endpoint.objects.filter(pk=endpoint.pk)
            .exclude(off="")
            .update(off="", failures=0, failing_since=None, paused_until=None)
        )
        if moved:
            end_of_those_off(endpoint_id=endpoint.pk)
            _record(EventKind.WEBHOOK_SWITCHED_ON, endpoint, by)
    return bool(moved)


def switch_off(*, endpoint: Endpoint, why: Endpoint.Off, by: Membership | None = None) -> bool:
    """Tell an endpoint nothing more, on record; what waits for it fails. False where it is so already."""
    if by is not None:
        _must(by)
    with transaction.atomic():
        if not Endpoint.objects.filter(pk=endpoint.pk, off="").update(off=why):
            return False
        end_of_those_off(endpoint_id=endpoint.pk)
        _record(EventKind.WEBHOOK_SWITCHED_OFF, endpoint, by, why=why.value)
        if by is None:
            tell_admins(endpoint, why)
    return True


def delete_endpoint(*, by: Membership, endpoint: Endpoint) -> None:
    """Delete an endpoint with all its deliveries, on record."""
    _must(by)
    with transaction.atomic():
        _record(EventKind.WEBHOOK_DELETED, endpoint, by)
        Endpoint.objects.filter(pk=endpoint.pk).delete()


def send_test(*, by: Membership, endpoint: Endpoint) -> Delivery:
    """Send an event that says nothing but that somebody tries the endpoint out."""
    _must(by)
    with transaction.atomic():
        event = WebhookEvent.objects.create(
            organization_id=endpoint.organization_id,
            type=TEST,
            key=f"test:{uuid4()}",
            occurred_at=Now(),
            payload={"endpoint": endpoint.pk, "message": "This is a test."},
        )
        delivery = Delivery.objects.create(
            organization_id=endpoint.organization_id, endpoint=endpoint, event=event
        )
        defer_delivery()
    return delivery


def send_again(*, by: Membership, delivery: Delivery) -> bool:
    """Queue a delivery once more that has ended, or waits to be tried again, on record; else False."""
    _must(by)
    return bool(_again(by, delivery.endpoint, (Q(state__in=ENDED) | TRIED_AGAIN) & Q(pk=delivery.pk)))


def send_failed_again(*, by: Membership, endpoint: Endpoint, since: datetime) -> int:
    """Queue once more all that failed since a time, or is to be tried again, on record; return how many."""
    _must(by)
    return _again(by, endpoint, Q(state=DeliveryState.FAILED, ended_at__gte=since) | TRIED_AGAIN)


def _again(by: Membership, endpoint: Endpoint, which: Q) -> int:
    with transaction.atomic():
        # Whoever switches it off waits for this, or this for them: nothing is queued for one that is off.
        held = Endpoint.objects.select_for_update(no_key=True).filter(pk=endpoint.pk, off="")
        if not held.exists():
            return 0
        moved = Delivery.objects.filter(which, endpoint=endpoint).update(
            state=DeliveryState.WAITING, attempts=0, queued_at=Now(), next_at=Now(), ended_at=None, error=""
        )
        if moved:
            # The program is said to be mended: it is asked at once, whatever pause it is in.
            held.update(paused_until=None)
            _record(EventKind.WEBHOOK_REPLAYED, endpoint, by, deliveries=moved)
            defer_delivery()
    return moved


def secrets_of(endpoint: Endpoint, *, now: datetime) -> list[str]:
    """The secrets with which a call is signed: the present one, and for a day the one before."""
    sealed = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > now:
        sealed.append(endpoint.old_secret)
    return [unseal(one) for one in sealed]


def _must(by: Membership) -> None:
    if not by.may(Permission.MANAGE_SETTINGS):
        raise PermissionDenied


def _set(endpoint: Endpoint, url: str, types: Collection[str], description: str) -> None:
    try:
        endpoint.url = check_url(url, private=settings.MUSTER_WEBHOOKS_PRIVATE)
    except AddressRefused as problem:
        raise CannotChange(str(problem), field="url") from None
    endpoint.types = [type_.value for type_ in EventType if type_.value in types]
    if not endpoint.types:
        raise CannotChange("Tick at least one type of event.", field="types")
    endpoint.description = " ".join(plain(description)[0].split())[:LONGEST_DESCRIPTION]


def _record(kind: EventKind, endpoint: Endpoint, by: Membership | None, **data: Any) -> None:
    record(
        kind,
        organization_id=endpoint.organization_id,
        by_id=by.user_id if by else None,
        subject=f"webhook:{endpoint.pk}",
        data={"url": endpoint.url, **data},
    )
