"""Who wants no mailings of an organization: by the link in each of them, or noted by its people.

Only the person takes it back, by the same link. Mails about an account, and notices, go to them all the same.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from muster.access.models import Membership
from muster.audit.operations import EventKind, record
from muster.core.delivery import one_line
from muster.notices.models import OptOut
from muster.vault import CannotOpenSeal, seal_bytes, unseal_bytes

LONGEST_REASON = 300
_PURPOSE = b"opt-out"


class Place(NamedTuple):
    """An address as an organization knows it, in lower case; empty in the link of a test."""

    organization_id: int
    address: str


class NoSuchLink(Exception):
    """The link was not made here, or was damaged on its way."""


def token_of(place: Place) -> str:
    """What the link of a mailing ends in: sealed, so that it tells nobody an address and nobody makes one."""
    told = b"\n".join([_PURPOSE, str(place.organization_id).encode(), place.address.encode()])
    return base64.urlsafe_b64encode(base64.urlsafe_b64decode(seal_bytes(told))).decode().rstrip("=")


def place_of(token: str) -> Place:
    """What a link is about. Raises NoSuchLink."""
    try:
        whole = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        purpose, organization_id, address = unseal_bytes(base64.urlsafe_b64encode(whole)).split(b"\n")
        if purpose != _PURPOSE:
            raise NoSuchLink
        return Place(int(organization_id), address.decode())
    except (CannotOpenSeal, binascii.Error, ValueError):
        raise NoSuchLink from None


def url_of(organization_id: int, address: str) -> str:
    """The link by which an address opts out of the mailings of an organization."""
    token = token_of(Place(organization_id, address.lower()))
    return settings.MUSTER_SITE_URL + reverse("mail-opt-out", args=[token])


def url_of_test(organization_id: int) -> str:
    """The link of a test, which is about no address: its page says so, and nothing comes of it."""
    return url_of(organization_id, "")


def opt_out(
    place: Place, *, by: Membership | None = None, reason: str = "", producer_id: int | None = None
) -> bool:
    """Send no more mailings of the organization to the address, on record; False where it was so before.

    `by` is who of the organization notes it, None where it is the person.
    """
    with transaction.atomic():
        _, is_new = OptOut.objects.get_or_create(
            organization_id=place.organization_id,
            address=place.address.lower(),
            defaults={"by_id": by.user_id if by else None, "reason": one_line(reason, limit=LONGEST_REASON)},
        )
        if is_new:
            _record(EventKind.MAILINGS_OPTED_OUT, place, by=by, reason=reason, producer_id=producer_id)
    return is_new


def opt_in(place: Place) -> bool:
    """Send mailings again, as the person asks by their link, on record; False where they were sent."""
    with transaction.atomic():
        gone, _ = OptOut.objects.filter(organization_id=place.organization_id, address=place.address).delete()
        if gone:
            _record(EventKind.MAILINGS_OPTED_IN, place)
    return bool(gone)


def opt_out_of(organization_id: int, *addresses: str) -> OptOut | None:
    """That one of somebody's addresses wants none, and since when; None where they take them."""
    told = [address.lower() for address in addresses if address]
    of = OptOut.objects.filter(organization_id=organization_id, address__in=told)
    return of.select_related("by").order_by("at", "id").first()


def opted_out_among(organization_id: int, addresses: Collection[str]) -> set[str]:
    """Those of the addresses, in lower case, that want none; one query."""
    found = OptOut.objects.filter(organization_id=organization_id, address__in=list(addresses))
    return set(found.values_list("address", flat=True))


def _record(
    kind: EventKind,
    place: Place,
    *,
    by: Membership | None = None,
    reason: str = "",
    producer_id: int | None = None,
) -> None:
    record(
        kind,
        organization_id=place.organization_id,
        by_id=by.user_id if by else None,
        subject=f"producer:{producer_id}" if producer_id else "",
        data={"address": place.address, **({"reason": reason} if reason else {})},
    )
