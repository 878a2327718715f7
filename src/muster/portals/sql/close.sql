-- Closes seats, and ends the place in the organization of whoever has no other there. Staff keep theirs. Tells how
-- many of whom were closed.
WITH closed AS (
    UPDATE portals_portaluser
    SET closed_at = %(now)s, closed_by_id = %(by)s, digest = NULL
    WHERE organization_id = %(organization)s AND closed_at IS NULL
      AND (producer_id = ANY(%(producers)s::bigint[]) OR id = ANY(%(seats)s::bigint[]) OR portal_id = %(portal)s)
    RETURNING id, producer_id, user_id
),
ended AS (
    UPDATE access_membership AS place SET is_active = false
    FROM closed
    WHERE place.organization_id = %(organization)s AND place.user_id = closed.user_id
      AND place.role = 'producer' AND place.is_active
      AND NOT EXISTS (
          SELECT FROM portals_portaluser AS other
          WHERE other.organization_id = %(organization)s AND other.user_id = closed.user_id
            AND other.closed_at IS NULL AND other.id NOT IN (SELECT id FROM closed)
      )
)
SELECT producer_id FROM closed ORDER BY producer_id
