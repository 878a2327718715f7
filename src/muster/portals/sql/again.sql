-- Has invitations to seats, of which nobody has registered yet, made anew: the links sent before open nothing any more.
UPDATE portals_portaluser AS seat
SET email = told.email, digest = told.digest, invited_at = %(now)s, invited_by_id = %(by)s, expires_at = %(expires)s
FROM unnest(%(seats)s::bigint[], %(emails)s::text[], %(digests)s::text[]) AS told (id, email, digest)
WHERE seat.id = told.id AND seat.registered_at IS NULL AND seat.closed_at IS NULL
