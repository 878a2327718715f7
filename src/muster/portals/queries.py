"""Reading portals: who holds a seat."""

from __future__ import annotations

from muster.access.models import Membership
from muster.portals.models import PortalUser


def seat_of(member: Membership) -> PortalUser | None:
    """The seat by which a person is a producer in an organization, with the producer; None without one.

    It is asked at each request: a seat, a portal or a producer that is no more ends it there and then.
    """
    seats = PortalUser.objects.filter(
        organization_id=member.organization_id,
        user_id=member.user_id,
        closed_at=None,
        portal__closed_at=None,
        producer__removed_at=None,
    )
    return seats.select_related("portal", "producer").order_by("id").first() if member.is_active else None
