"""Whom a mailing can go to, what is known of them, and what has become of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.core.values import clean_email, refused
from muster.licenses.models import License
from muster.mailing.models import MailTemplate
from muster.notices.models import Email, EmailState, Priority
from muster.producers.models import Producer
from muster.producers.queries import producers_for
from muster.profiles.models import OwnContact

KIND = "mailing"
"""What a mail of a mailing is, in the outbox."""


class Person(NamedTuple):
    """A producer as a mailing sees one: `address` is a good one or empty, `values` are by field.

    The address is the one that they prefer (`is_preferred`), else the one on file. `addresses` are both, in
    lower case: who wants no mail at one of them wants none at the other.
    """

    producer_id: int
    name: str
    written_address: str
    address: str
    is_preferred: bool
    addresses: frozenset[str]
    is_removed: bool
    values: Mapping[str, str]


def people_of(sender: Membership, ids: Collection[int], *, today: date) -> dict[int, Person]:
    """Of those whom the sender may know: what fills the fields, by the producer's id; one query."""
    in_force = License.objects.filter(
        Q(expires_on=None) | Q(expires_on__gte=today), producer=OuterRef("pk"), gone_at=None, is_active=True
    )
    states = in_force.order_by("state").values("state").distinct()
    next_expiry = in_force.order_by().values("producer").values(first=Min("expires_on"))
    rows = (
        producers_for(sender.organization_id, sender)
        .filter(pk__in=ids)
        .values_list(
            *("pk", "first_name", "last_name", "npn", "email", "own_contact__email", "agency__name"),
            *("removed_at", ArraySubquery(states), Subquery(next_expiry)),
        )
    )
    ours = {
        "organization": sender.organization.name,
        "sender_name": sender.user.name or sender.user.email,
    }
    found = {}
    for pk, first, last, npn, on_file, preferred, agency, removed_at, licensed_in, expires_on in rows:
        written = preferred or on_file
        address, problems = clean_email(written)
        found[pk] = Person(
            producer_id=pk,
            name=f"{first} {last}".strip() or f"NPN {npn}",
            written_address=written,
            address="" if refused(problems) else address or "",
            is_preferred=bool(preferred),
            addresses=frozenset(one.strip().lower() for one in (on_file, preferred) if one),
            is_removed=removed_at is not None,
            values={
                "first_name": first,
                "last_name": last,
                "npn": npn,
                "email": written,
                "agency": agency or "",
                "license_states": ", ".join(licensed_in),
                "next_expiry": _day(expires_on) if expires_on else "",
                **ours,
            },
        )
    return found


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def templates_of(member: Membership) -> QuerySet[MailTemplate]:
    """The templates that the member may use, by name."""
    found: QuerySet[MailTemplate] = MailTemplate.objects.visible_to(member, Permission.SEND_MAIL)
    return found.select_related("owner").order_by("name", "id")


def mails_of(operation_id: UUID, organization_id: int) -> QuerySet[Email]:
    """The mails of a mailing."""
    return Email.objects.filter(organization_id=organization_id, operation_id=operation_id, kind=KIND)


def told_of(operation_id: UUID, organization_id: int) -> QuerySet[Email]:
    """The same as a log tells them: with the producer, and whether it is the address that they prefer."""
    preferred = OwnContact.objects.filter(producer=OuterRef("producer"), email__iexact=OuterRef("to"))
    mails = mails_of(operation_id, organization_id).select_related("producer").defer("text", "html")
    return mails.annotate(is_preferred=Exists(preferred))


def delivery_of(operation_id: UUID, organization_id: int) -> dict[EmailState, int]:
    """How many mails of a mailing are in each state that occurs."""
    return deliveries_of([operation_id], organization_id).get(operation_id, {})


def deliveries_of(operation_ids: Collection[UUID], organization_id: int) -> dict[UUID, dict[EmailState, int]]:
    """The same for several mailings, in one query."""
    mails = Email.objects.filter(
        organization_id=organization_id, operation_id__in=operation_ids, priority=Priority.MAILING
    ).order_by()
    found: dict[UUID, dict[EmailState, int]] = {}
    counted = mails.values_list("operation_id", "state").annotate(Count("pk")).order_by("state")
    for operation_id, state, count in counted:
        if operation_id is not None:
            found.setdefault(operation_id, {})[EmailState(state)] = count
    return found


def preferred_email(producer: Producer) -> str:
    """The address to which a producer wants their mail, empty where they told none."""
    told = OwnContact.objects.filter(producer=producer).values_list("email", flat=True)
    return told.first() or ""


def mails_to(producer: Producer, *, limit: int) -> list[Email]:
    """The newest mails to a producer, without their text."""
    found = Email.objects.filter(organization_id=producer.organization_id, producer=producer)
    return list(found.defer("text", "html").order_by("-id")[:limit])
