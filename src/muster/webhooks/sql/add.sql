-- Turns facts into events, and each event into a delivery for every endpoint that wants it, in one statement.
-- A fact that has been an event before stays that one.
WITH facts AS (
{facts}
),
made AS (
    INSERT INTO webhooks_webhookevent (id, organization_id, type, key, occurred_at, payload)
    SELECT gen_random_uuid(), facts.organization_id, %(type)s, facts.key, facts.at, facts.payload
    FROM facts
    ORDER BY facts.ordinal
    ON CONFLICT (organization_id, type, key) DO NOTHING
    RETURNING id, organization_id, occurred_at
)
INSERT INTO webhooks_delivery (organization_id, event_id, endpoint_id, state)
SELECT made.organization_id, made.id, endpoint.id, 'waiting'
FROM made JOIN webhooks_endpoint AS endpoint ON endpoint.organization_id = made.organization_id
WHERE endpoint.off = '' AND %(type)s = ANY(endpoint.types)
ORDER BY made.occurred_at
