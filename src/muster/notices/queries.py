"""Reading the outbox. The text of a mail that bears a secret is never read for a page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.notices.models import UNDER_WAY, Email, EmailState

MOST_COUNTED = 1_000

# How the page sorts mails; "waiting" and "sending" are one thing to a reader.
FILTERS: dict[str, tuple[EmailState, ...]] = {
    "waiting": UNDER_WAY,
    "failed": (EmailState.FAILED,),
    "sent": (EmailState.SENT,),
    "kept": (EmailState.KEPT,),
}


@dataclass(frozen=True, slots=True)
class Troubles:
    """How many mails are not delivered yet, and how many will not be; counted up to a thousand."""

    waiting: int
    failed: int


def mails(member: Membership) -> QuerySet[Email]:
    """The mails that the member may look at."""
    found: QuerySet[Email] = Email.objects.visible_to(member, Permission.READ_MAIL)
    return found


def newest_mails(
    member: Membership, *, chosen: str = "", before: int | None = None, limit: int
) -> list[Email]:
    """Mails without their text, newest first; of one of FILTERS or all, and older than mail `before`."""
    found = mails(member).defer("text", "html")
    if chosen:
        found = found.filter(state__in=FILTERS[chosen])
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found.order_by("-id")[:limit])


def troubles(member: Membership) -> Troubles:
    """Count what has not been delivered."""

    def count(name: str) -> int:
        return mails(member).filter(state__in=FILTERS[name])[:MOST_COUNTED].count()

    return Troubles(waiting=count("waiting"), failed=count("failed"))
