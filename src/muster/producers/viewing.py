"""Which producers a person has looked at last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from muster.access.models import Membership
from muster.producers.models import Producer, Viewed

KEPT = 200
"""So many are remembered of each person in an organization."""

# At most one write a minute: whoever reads a page and comes back to it costs nothing.
NOTE = """
WITH seen AS (
    INSERT INTO producers_viewed (organization_id, user_id, producer_id, viewed_at)
    VALUES (%(organization)s, %(user)s, %(producer)s, %(now)s)
    ON CONFLICT (user_id, producer_id) DO UPDATE SET viewed_at = excluded.viewed_at
    WHERE producers_viewed.viewed_at < excluded.viewed_at - interval '1 minute'
    RETURNING id
)
DELETE FROM producers_viewed
WHERE EXISTS (SELECT FROM seen) AND id IN (
    SELECT id FROM producers_viewed
    WHERE organization_id = %(organization)s AND user_id = %(user)s AND producer_id <> %(producer)s
    ORDER BY viewed_at DESC OFFSET %(others)s
)
"""


def note_viewed(member: Membership, producer: Producer, *, now: datetime) -> None:
    """Remember that the member has opened the producer's page; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            NOTE,
            {
                "organization": member.organization_id,
                "user": member.user_id,
                "producer": producer.pk,
                "now": now,
                "others": KEPT - 1,
            },
        )


def viewed_by(member: Membership) -> QuerySet[Viewed]:
    """What the member has looked at, in the organization in which they work."""
    return Viewed.objects.filter(organization_id=member.organization_id, user_id=member.user_id)


def last_viewed(member: Membership) -> Any:
    """When the member has last looked at a producer, as an expression of a query of producers."""
    return Subquery(viewed_by(member).filter(producer=OuterRef("pk")).values("viewed_at")[:1])
