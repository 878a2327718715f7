"""Reading what is still open of producers who are to be removed, and the times they were here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from muster.access.models import Membership
from muster.appointments.queries import IN_FORCE, visible_appointments
from muster.carriers.models import Company
from muster.core.report import APPOINTED
from muster.core.transactions import OPEN, WAITING, TransactionKind
from muster.offboarding.sql import statement
from muster.producers.models import Leaving, Producer, Tenure
from muster.transactions.models import Transaction

STATUSES: dict[str, Any] = {
    "open": [status.value for status in OPEN],
    "waiting": [status.value for status in WAITING],
}


class Standing(NamedTuple):
    """What of a producer is still open.

    `ours` are the appointments in force with the organization's own companies, `others` those with the
    companies of others, which only those can end. `ending` are terminations under way; `unsent` are other
    transactions that were not sent yet, `sent` those that the registry has not decided.
    """

    is_removed: bool
    is_leaving: bool
    ours: int
    others: int
    ending: int
    unsent: int
    sent: int

    @property
    def is_waited_for(self) -> bool:
        """Whether there is anything for which a removal can wait."""
        return bool(self.ours or self.ending)


def standings_of(organization_id: int, ids: Collection[int]) -> dict[int, Standing]:
    """What is open of these producers of the organization, by id; one query."""
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "organization": organization_id,
            "ids": list(ids),
            "appointed": APPOINTED,
            **STATUSES,
        }
        cursor.execute(statement("stands"), asked)
        return {producer_id: Standing(*rest) for producer_id, *rest in cursor.fetchall()}


@dataclass(slots=True)
class Sum:
    """What is open of several producers together; `waited_for` of how many there is anything to wait for."""

    ours: int = 0
    others: int = 0
    ending: int = 0
    unsent: int = 0
    sent: int = 0
    waited_for: int = 0

    def add(self, one: Standing) -> None:
        """Count one producer in."""
        for name in ("ours", "others", "ending", "unsent", "sent"):
            setattr(self, name, getattr(self, name) + getattr(one, name))
        self.waited_for += one.is_waited_for

    @property
    def params(self) -> dict[str, int]:
        """As an operation keeps it."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def may_leave(*, after: int, limit: int) -> Iterator[tuple[int, int, int | None, Any]]:
    """Producers who wait to be removed and for whom nothing is waited any more, after an id.

    Each with the organization, who asked for the removal, and in which operation.
    """
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "after": after,
            "limit": limit,
            "appointed": APPOINTED,
            "open": STATUSES["open"],
        }
        cursor.execute(statement("may_leave"), asked)
        yield from cursor.fetchall()


def appointments_to_end(member: Membership, producers: QuerySet[Any]) -> QuerySet[Any]:
    """The appointments in force of these producers that nobody is ending yet and the organization can end."""
    ours = Company.objects.filter(organization_id=member.organization_id, cocode=OuterRef("cocode"))
    ending = Transaction.objects.filter(
        kind=TransactionKind.TERMINATION,
        status__in=OPEN,
        producer=OuterRef("producer"),
        jurisdiction=OuterRef("state"),
        cocode=OuterRef("cocode"),
        line_code=OuterRef("line_code"),
        line_name=OuterRef("line_name"),
        county=OuterRef("county_code"),
    )
    found = visible_appointments(member).filter(IN_FORCE, producer__in=producers)
    return found.filter(Exists(ours)).exclude(Exists(ending))


def leaving_in(operation_id: Any, organization_id: int) -> QuerySet[Leaving]:
    """Those who wait to be removed since this operation."""
    return Leaving.objects.filter(operation_id=operation_id, organization_id=organization_id)


def tenures_of(producer: Producer) -> list[Tenure]:
    """The times that a producer spent here, the last first; none where there was but one, which goes on."""
    found = Tenure.objects.filter(producer=producer).select_related("began_by", "ended_by")
    return list(found.order_by("-began_at", "-id"))


def leaving_of(ids: Collection[int]) -> Mapping[int, Leaving]:
    """Those of the producers who wait to be removed, by id; one query."""
    return Leaving.objects.select_related("asked_by").in_bulk(list(ids))
