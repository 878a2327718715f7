"""Reading the event log."""

from __future__ import annotations

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.audit.models import Event


def newest_events(member: Membership, *, before: int | None = None, limit: int) -> list[Event]:
    """Events of the member's organization, newest first, those older than event `before` only.

    Costs one read of the index by organization, however long the log is. Nothing where not allowed.
    """
    if not member.may(Permission.MANAGE_USERS):
        return []
    events = Event.objects.filter(organization_id=member.organization_id).select_related("by")
    if before is not None:
        events = events.filter(id__lt=before)
    return list(events.order_by("-id")[:limit])
