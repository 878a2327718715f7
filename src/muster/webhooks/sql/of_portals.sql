-- Producers whom the event log names as invited to a portal, or as registered there, one an event.
SELECT event.organization_id, event.id AS ordinal, 'event:' || event.id || ':' || named.id AS key, event.at,
    jsonb_build_object(
        'producer', jsonb_build_object('id', named.id, 'npn', producer.npn),
        'operation_id', event.operation_id
    ) AS payload
FROM audit_event AS event
CROSS JOIN LATERAL (
    SELECT one.value::bigint AS id FROM jsonb_array_elements_text(event.data -> 'ids') AS one
    UNION
    SELECT substring(event.subject FROM '^producer:([0-9]+)$')::bigint
) AS named
JOIN producers_producer AS producer
  ON producer.id = named.id AND producer.organization_id = event.organization_id
WHERE event.id > %(after)s AND event.id <= %(upto)s AND event.kind = %(kind)s
  AND event.organization_id = ANY(%(organizations)s)
