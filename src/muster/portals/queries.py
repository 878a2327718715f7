"""Reading portals: which there are, who holds a seat, who may be invited, and whose a link is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Lower, Now

from muster.access.models import Membership, Organization, OrganizationQuerySet, User
from muster.access.permissions import Permission
from muster.access.tokens import digest_of
from muster.core.inviting import Facts
from muster.core.values import clean_email
from muster.lists.keyset import Order, Page, page_of
from muster.portals.models import Portal, PortalUser
from muster.portals.sql import statement
from muster.producers.queries import UNSEEN_OF_PRODUCER, of_producers_found

PAGE = 50
BY_AGE = Order(("id",), descending=True)

OPEN = Q(closed_at=None)
"""Of portals: those that let people in. Of seats: those that are taken."""

LETS_IN = {"closed_at": None, "portal__closed_at": None, "producer__removed_at": None}
"""Of seats: those that let somebody in."""


def seat_of(member: Membership) -> PortalUser | None:
    """The seat by which a person is a producer in an organization, with the producer; None without one.

    It is asked at each request: a seat, a portal or a producer that is no more ends it there and then.
    """
    seats = PortalUser.objects.filter(
        organization_id=member.organization_id, user_id=member.user_id, **LETS_IN
    )
    return seats.select_related("portal", "producer").order_by("id").first() if member.is_active else None


def seats_of(user: User) -> QuerySet[PortalUser]:
    """The person's seats wherever they may come in, with organization and producer, by the organization."""
    seats: QuerySet[PortalUser] = PortalUser.objects.filter(
        user=user,
        organization__memberships__user_id=F("user_id"),
        organization__memberships__is_active=True,
        **LETS_IN,
    )
    return seats.select_related("organization", "portal", "producer").order_by("organization__name", "id")


def last_left(user: User) -> Organization | None:
    """The organization in which the person held a seat last that is closed; None for whoever never did."""
    seats = PortalUser.objects.filter(user=user, closed_at__isnull=False).select_related("organization")
    seat = seats.order_by("-closed_at", "-id").first()
    return seat.organization if seat else None


def visible_portals(member: Membership) -> OrganizationQuerySet:
    """The open portals of the member's organization by name, each with the seats that are `taken`."""
    portals: OrganizationQuerySet = Portal.objects.visible_to(member, Permission.INVITE_PRODUCERS)
    taken = Count("users", filter=Q(users__closed_at=None))
    return portals.filter(OPEN).annotate(taken=taken).order_by(Lower("name"))


def open_portals(organization_id: int) -> QuerySet[Portal]:
    """The open portals of an organization by name."""
    found: QuerySet[Portal] = Portal.objects.filter(OPEN, organization_id=organization_id)
    return found.order_by(Lower("name"), "pk")


def seats_taken(portal_id: int) -> int:
    """How many seats of a portal are taken."""
    return PortalUser.objects.filter(OPEN, portal_id=portal_id).count()


class Invitee(NamedTuple):
    """A producer who may be invited: the facts, what the mail needs, and the seat that there is, if any."""

    facts: Facts
    first_name: str
    seat_id: int | None
    seat_email: str


def invitees(organization_id: int, portal_id: int, producer_ids: Sequence[int]) -> list[Invitee]:
    """What of these producers an invitation to the portal turns on, in their order; one query.

    Those of other organizations are left out.
    """
    asked: dict[str, Any] = {"organization": organization_id, "portal": portal_id, "ids": list(producer_ids)}
    with connection.cursor() as cursor:
        cursor.execute(statement("facts"), asked)
        return [_invitee(*row) for row in cursor.fetchall()]


def _invitee(
    producer_id: int,
    first_name: str,
    email: str,
    is_here: bool,
    has_agency: bool,
    seat_id: int | None,
    seat_email: str | None,
    is_registered: bool,
    is_taken: bool,
) -> Invitee:
    # What cannot be an address is none: no mail would go there.
    address, _ = clean_email(email)
    facts = Facts(
        producer_id, address or "", is_here, has_agency, seat_id is not None, is_registered, is_taken
    )
    return Invitee(facts, first_name, seat_id, seat_email or "")


NOT_INVITED, INVITED, EXPIRED, REGISTERED = "none", "invited", "expired", "registered"
STATES = {
    NOT_INVITED: "Not invited",
    INVITED: "Invited",
    EXPIRED: "Invitation expired",
    REGISTERED: "Registered",
}
"""Where a producer is with the portals, and what that is called."""


def _seats_of(producer: str) -> QuerySet[PortalUser]:
    seats: QuerySet[PortalUser] = PortalUser.objects.filter(OPEN, producer=OuterRef(producer))
    return seats.order_by()


def portal_state(producer: str = "pk") -> Case:
    """The state of the producer whose id stands at `producer`, over all portals: the best that there is."""
    seats = _seats_of(producer)
    return Case(
        When(Exists(seats.filter(registered_at__isnull=False)), then=Value(REGISTERED)),
        When(Exists(seats.filter(expires_at__gt=Now())), then=Value(INVITED)),
        When(Exists(seats), then=Value(EXPIRED)),
        default=Value(NOT_INVITED),
        output_field=TextField(),
    )


def in_portal_state(state: str) -> Q:
    """A condition on producers: those who are in the state."""
    seats = _seats_of("pk")
    registered = Q(Exists(seats.filter(registered_at__isnull=False)))
    invited = Q(Exists(seats.filter(registered_at=None, expires_at__gt=Now())))
    match state:
        case "registered":
            return registered
        case "invited":
            return invited & ~registered
        case "expired":
            return Q(Exists(seats)) & ~invited & ~registered
    return ~Q(Exists(seats))


def state_of(seat: PortalUser, *, now: datetime) -> str:
    """Where the holder of an open seat is."""
    if seat.registered_at:
        return REGISTERED
    return INVITED if seat.is_open(now=now) else EXPIRED


def seat_page(
    member: Membership, portal: Portal, *, search: str = "", after: str = "", before: str = ""
) -> tuple[list[PortalUser], Page]:
    """One page of the seats of a portal that are taken, newest first.

    `search` finds producers by name or NPN, as the list of producers does, or seats by their email.
    """
    everything: OrganizationQuerySet = PortalUser.objects.visible_to(
        member, Permission.INVITE_PRODUCERS
    ).filter(OPEN, portal=portal)
    if "@" in search:
        rows = everything.filter(email__icontains=search.strip())
    else:
        rows = of_producers_found(everything, member, search)
    page = page_of(rows, among=everything, order=BY_AGE, size=PAGE, after=after, before=before)
    seats = everything.filter(pk__in=page.keys).select_related("producer", "invited_by", "user")
    found = {one.pk: one for one in seats.defer(*UNSEEN_OF_PRODUCER)}
    return [found[key] for key in page.keys if key in found], page


def invitation_of(token: str, *, now: datetime) -> PortalUser | None:
    """The seat that a link still opens, with its organization, portal and producer; None for any other."""
    return invitation_with(digest_of(token), now=now)


def invitation_with(digest: str, *, now: datetime, lock: bool = False) -> PortalUser | None:
    """The same by the digest of the token; `lock` has it to oneself until the transaction ends."""
    seats: Any = PortalUser.objects.filter(digest=digest)
    if lock:
        seats = seats.select_for_update(of=("self",))
    seat: PortalUser | None = seats.select_related("organization", "portal", "producer").first()
    if seat is None or not seat.is_open(now=now):
        return None
    return None if seat.portal.closed_at or seat.producer.removed_at else seat
