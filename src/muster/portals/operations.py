"""Making portals, inviting producers to them, and closing seats: set-based, for one and for thousands.

Producers are locked first, in the order of their ids, then the portal: the seats are counted under its lock,
so that two invitations for the last seat never both succeed.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.template.loader import get_template

from muster.access.models import Membership, User
from muster.access.tokens import digest_of
from muster.audit.operations import EventKind, record
from muster.core.inviting import DONE, Result, Seating
from muster.core.values import plain
from muster.notices.operations import queue_messages
from muster.portals.addresses import registration_link
from muster.portals.models import Portal, PortalUser
from muster.portals.queries import OPEN, Invitee, invitees, seats_taken
from muster.portals.sql import statement
from muster.transactions.facts import lock_producers

LINK_WORKS_FOR = timedelta(days=7)
LONGEST_NAME = 100
MOST_SEATS = 1_000_000
RECORDED_IDS = 1000
"""How many producers of one event are named in it; their number always is."""


class CannotKeep(Exception):
    """A portal cannot be kept so: the message is a sentence that says why, and what to do."""


def keep_portal(
    *, by: Membership, name: str, kind: str, seats: int | None, portal: Portal | None = None
) -> Portal:
    """Make a portal, or change one, on record. Raises CannotKeep."""
    name = " ".join(plain(name)[0].split())
    if not name or len(name) > LONGEST_NAME:
        raise CannotKeep(f"Give the portal a name of at most {LONGEST_NAME} characters.")
    if kind not in Portal.Kind.values:
        raise CannotKeep("Choose for whom the portal is.")
    if seats is None or not 0 < seats <= MOST_SEATS:
        raise CannotKeep(f"Say how many seats there are: a whole number from 1 to {MOST_SEATS:,}.")
    try:
        with transaction.atomic():
            return _kept(by, name, kind, seats, portal)
    except IntegrityError:
        raise CannotKeep(f"There is a portal {name} already. Choose another name.") from None


def _kept(by: Membership, name: str, kind: str, seats: int, portal: Portal | None) -> Portal:
    told: dict[str, Any] = {"name": name, "kind": kind, "seats": seats}
    if portal is None:
        made: Portal = Portal.objects.create(organization_id=by.organization_id, **told)
        _record(EventKind.PORTAL_CREATED, made, by_id=by.user_id, data=told)
        return made
    held = _locked(by.organization_id, portal.pk)
    if held is None:
        raise CannotKeep("This portal was closed meanwhile. Make another one.")
    if seats < (taken := seats_taken(held.pk)):
        raise CannotKeep(f"{taken:,} seats are taken. Close some of them first, or keep at least {taken:,}.")
    before = {field: getattr(held, field) for field in told}
    if before != told:
        for field, value in told.items():
            setattr(held, field, value)
        held.save(update_fields=list(told))
        _record(EventKind.PORTAL_CHANGED, held, by_id=by.user_id, data={**told, "before": before})
    return held


def close_portal(*, by: Membership, portal: Portal, now: datetime) -> None:
    """Close a portal with all its seats, on record: nobody gets in any more. Twice is once."""
    with transaction.atomic():
        held = _locked(by.organization_id, portal.pk)
        if held is None:
            return
        closed = _close(by.organization_id, by_id=by.user_id, now=now, portal=held.pk)
        held.closed_at = now
        held.save(update_fields=["closed_at"])
        data = {"name": held.name, "users": len(closed)}
        _record(EventKind.PORTAL_CLOSED, held, by_id=by.user_id, data=data)


class Link(NamedTuple):
    """What a link holds, which is told to nobody but in the mail, and the digest of it, which is kept."""

    token: str
    digest: str


def invite(
    *,
    organization_id: int,
    portal_id: int,
    producer_ids: Sequence[int],
    by_id: int | None,
    operation_id: UUID | None,
    now: datetime,
) -> dict[int, Result] | None:
    """Invite producers to a portal, or again, on record, in the caller's transaction: what became of each.

    Each gets a mail with a link; whoever was invited before gets another one, and the old one ends. Who has
    registered gets none, and is kept with the address of today. Seats go in the order of the producers. None
    where the portal is closed, or of another organization. A constant number of statements.
    """
    lock_producers(sorted(producer_ids))
    portal = _locked(organization_id, portal_id)
    if portal is None:
        return None
    # Who registers at this moment holds the seat: what is read afterwards holds.
    _lock(PortalUser.objects.filter(OPEN, portal=portal, producer_id__in=producer_ids))
    found = invitees(organization_id, portal.pk, producer_ids)
    results = Seating(portal.seats - seats_taken(portal.pk)).decide(one.facts for one in found)
    results = dict.fromkeys(producer_ids, Result.GONE) | results

    def those(result: Result) -> list[Invitee]:
        return [one for one in found if results[one.facts.producer_id] is result]

    new, again = those(Result.INVITED), those(Result.AGAIN)
    links = [_link() for _ in [*new, *again]]
    told = {"now": now, "by": by_id, "expires": now + LINK_WORKS_FOR}
    _seat(portal, new, links, told)
    _invite_again(again, links[len(new) :], told)
    _keep_addresses(those(Result.REGISTERED))
    queue_messages(
        [
            (f"producer {one.facts.producer_id}", message)
            for one, message in zip(
                [*new, *again], _mails(portal, [*new, *again], links, by_id=by_id), strict=True
            )
        ],
        kind="portal-invitation",
        organization_id=organization_id,
        operation_id=operation_id,
        from_name=portal.organization.name,
    )
    if done := [one for one, result in results.items() if result in DONE]:
        counts = {"invited": len(new), "again": len(again), "registered": len(done) - len(links)}
        _record(
            EventKind.PORTAL_INVITED,
            portal,
            by_id=by_id,
            operation_id=operation_id,
            data={"name": portal.name, **counts, "ids": _ids([*new, *again])},
        )
    return results


def _ids(invited: Sequence[Invitee]) -> list[int]:
    """Whose invitation is told to programs: not that of those who have registered already."""
    return sorted(one.facts.producer_id for one in invited)


def close_seats(
    *,
    organization_id: int,
    by_id: int | None,
    operation_id: UUID | None,
    now: datetime,
    producer_ids: Collection[int] = (),
    seat_ids: Collection[int] = (),
) -> int:
    """Close the seats of these producers, or these seats, on record; return how many: twice is once.

    Links sent for them open nothing any more, and who has no other seat is no longer in the organization,
    unless they work there. Part of the caller's transaction.
    """
    closed = _close(organization_id, by_id=by_id, now=now, producers=producer_ids, seats=seat_ids)
    if closed:
        record(
            EventKind.PORTAL_SEATS_CLOSED,
            organization_id=organization_id,
            by_id=by_id,
            operation_id=operation_id,
            subject=f"producer:{closed[0]}" if len(closed) == 1 else "",
            data={"users": len(closed), "ids": closed[:RECORDED_IDS]},
        )
    return len(closed)


def _close(
    organization_id: int,
    *,
    by_id: int | None,
    now: datetime,
    producers: Collection[int] = (),
    seats: Collection[int] = (),
    portal: int | None = None,
) -> list[int]:
    of_these = Q(producer_id__in=producers) | Q(pk__in=seats) | Q(portal_id=portal)
    _lock(PortalUser.objects.filter(OPEN, of_these, organization_id=organization_id))
    with connection.cursor() as cursor:
        cursor.execute(
            statement("close"),
            {
                "organization": organization_id,
                "by": by_id,
                "now": now,
                "producers": sorted(producers),
                "seats": sorted(seats),
                "portal": portal,
            },
        )
        return [producer_id for (producer_id,) in cursor.fetchall()]


def _lock(seats: QuerySet[PortalUser]) -> None:
    """Have the seats to oneself until the transaction ends."""
    list(seats.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def _locked(organization_id: int, portal_id: int) -> Portal | None:
    """The open portal, which nobody else gives seats of until the caller's transaction ends."""
    open_ones = Portal.objects.filter(OPEN, organization_id=organization_id, pk=portal_id)
    found: Portal | None = open_ones.select_for_update(of=("self",)).select_related("organization").first()
    return found


def _link() -> Link:
    token = secrets.token_urlsafe(32)
    return Link(token, digest_of(token))


def _seat(portal: Portal, some: Sequence[Invitee], links: Sequence[Link], told: dict[str, Any]) -> None:
    PortalUser.objects.bulk_create(
        PortalUser(
            organization_id=portal.organization_id,
            portal=portal,
            producer_id=one.facts.producer_id,
            email=one.facts.email,
            digest=link.digest,
            invited_at=told["now"],
            invited_by_id=told["by"],
            expires_at=told["expires"],
        )
        for one, link in zip(some, links, strict=False)
    )


def _invite_again(some: Sequence[Invitee], links: Sequence[Link], told: dict[str, Any]) -> None:
    if not some:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            statement("again"),
            {
                **told,
                "seats": [one.seat_id for one in some],
                "emails": [one.facts.email for one in some],
                "digests": [link.digest for link in links],
            },
        )


def _keep_addresses(some: Sequence[Invitee]) -> None:
    moved = [
        PortalUser(pk=one.seat_id, email=one.facts.email) for one in some if one.facts.email != one.seat_email
    ]
    if moved:
        PortalUser.objects.bulk_update(moved, ["email"])


def _mails(
    portal: Portal, some: Sequence[Invitee], links: Sequence[Link], *, by_id: int | None
) -> list[EmailMessage]:
    """The invitations, which are answered to whoever invites."""
    answers_to = list(User.objects.filter(pk=by_id or 0).values_list("email", flat=True))
    template = get_template("portals/invitation.txt")
    told = {"organization": portal.organization.name, "portal": portal.name, "days": LINK_WORKS_FOR.days}
    return [
        EmailMessage(
            subject=f"{portal.organization.name} invites you to its portal",
            body=template.render(
                {**told, "first_name": one.first_name, "link": registration_link(link.token)}
            ),
            to=[one.facts.email],
            reply_to=answers_to,
        )
        for one, link in zip(some, links, strict=True)
    ]


def _record(
    kind: EventKind,
    portal: Portal,
    *,
    by_id: int | None,
    data: dict[str, Any],
    operation_id: UUID | None = None,
) -> None:
    record(
        kind,
        organization_id=portal.organization_id,
        by_id=by_id,
        operation_id=operation_id,
        subject=f"portal:{portal.pk}",
        data=data,
    )
