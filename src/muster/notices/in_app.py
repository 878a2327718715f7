"""Notices in the console: made from the event log, read by one person, forgotten after some months."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from muster.access.models import Membership
from muster.access.permissions import Permission, roles_that_may
from muster.audit.operations import EventKind
from muster.notices.models import Notice
from muster.notices.sql import statement

KEPT_FOR = timedelta(days=90)

MOST_COUNTED = 100
"""Unread notices are counted up to here."""

KINDS = [
    EventKind.OPERATION_FINISHED.value,
    EventKind.PRODUCERS_REMOVED.value,
    EventKind.SYNC_REFUSED.value,
    EventKind.ALERTS_REFUSED.value,
    EventKind.FILINGS_REFUSED.value,
    EventKind.WEBHOOK_SWITCHED_OFF.value,
    EventKind.PORTAL_REGISTERED.value,
]


def make_notices(*, after: int, upto: int) -> int:
    """Make the notices of the event log's rows above `after`, up to `upto`; return how many. Safe twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement("make_notices"),
            {
                "after": after,
                "upto": upto,
                "kinds": KINDS,
                "registered": EventKind.PORTAL_REGISTERED.value,
                "settings_roles": roles_that_may(Permission.MANAGE_SETTINGS),
                "inviting_roles": roles_that_may(Permission.INVITE_PRODUCERS),
            },
        )
        return cursor.rowcount


def notices_of(member: Membership) -> QuerySet[Notice]:
    """What this person was told in this organization."""
    return Notice.objects.visible_to(member, Permission.READ).filter(user_id=member.user_id)


def unread_count(member: Membership) -> int:
    """How many of them are unread, counted up to `MOST_COUNTED`."""
    return notices_of(member).filter(read_at=None).order_by("-id")[:MOST_COUNTED].count()


def mark_read(member: Membership, ids: Iterable[int] | None = None) -> int:
    """Mark some of the person's notices as read, or all; return how many were not."""
    unread = notices_of(member).filter(read_at=None)
    return (unread if ids is None else unread.filter(pk__in=ids)).update(read_at=Now())


def mark_unread(member: Membership, ids: Iterable[int]) -> int:
    """Mark some of the person's notices as unread again; return how many were read."""
    return notices_of(member).filter(pk__in=ids).exclude(read_at=None).update(read_at=None)


def forget_old_notices() -> int:
    """Delete those older than ninety days; return how many."""
    return Notice.objects.filter(at__lt=Now() - KEPT_FOR).delete()[0]
