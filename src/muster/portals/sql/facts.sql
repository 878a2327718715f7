-- What of these producers an invitation to a portal turns on, in the order in which they are asked for.
SELECT producer.id, producer.first_name, producer.email, producer.removed_at IS NULL, producer.agency_id IS NOT NULL,
       seat.id, seat.email, seat.registered_at IS NOT NULL,
       EXISTS (
           SELECT FROM portals_portaluser AS other
           WHERE other.portal_id = %(portal)s AND other.closed_at IS NULL
             AND lower(other.email) = lower(producer.email) AND other.producer_id <> producer.id
       )
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS asked (id, place)
JOIN producers_producer AS producer ON producer.id = asked.id AND producer.organization_id = %(organization)s
LEFT JOIN portals_portaluser AS seat
  ON seat.portal_id = %(portal)s AND seat.producer_id = producer.id AND seat.closed_at IS NULL
ORDER BY asked.place
