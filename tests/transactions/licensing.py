"""Licenses in tests: wishes, setups of payment, and the transactions that come of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from muster.core.licensing import Line
from muster.licenses.models import PaymentSetup
from muster.producers.models import Producer
from muster.transactions.ending_batches import Author
from muster.transactions.licensing import Requested, Wish, request_licenses, request_renewals
from muster.transactions.terms import setup_of


def set_payment(producer: Producer, **over: Any) -> PaymentSetup:
    """Who pays for a producer's licenses: the agency, and they renew by themselves, unless told otherwise."""
    setup, _ = PaymentSetup.objects.update_or_create(
        producer=producer,
        defaults={
            "organization_id": producer.organization_id,
            "new_paid_by": "agency",
            "renewal_paid_by": "agency",
            "auto_renewal": True,
            **over,
        },
    )
    return setup


def wish(producer: Producer, state: str = "CA", *names: str, paid_by: str = "agency") -> Wish:
    return Wish(producer.pk, state, tuple(Line(name) for name in names or ("Life",)), paid_by)


def wish_for(*wishes: Wish, by_id: int | None = None, now: datetime | None = None) -> list[Requested]:
    """Request licenses, all of one organization, as a page would."""
    now = now or timezone.now()
    organization_id = Producer.objects.get(pk=wishes[0].producer_id).organization_id
    with transaction.atomic():
        setup = setup_of(organization_id, today=localdate(now))
        return request_licenses(setup, wishes, Author(None, by_id), now)


def renew(
    producer: Producer, *license_ids: int, once: bool = True, now: datetime | None = None
) -> dict[int, Requested]:
    """Request renewals of licenses of an organization."""
    now = now or timezone.now()
    with transaction.atomic():
        setup = setup_of(producer.organization_id, today=localdate(now))
        return request_renewals(setup, license_ids, Author(None, None), now, once=once)
