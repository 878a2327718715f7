-- Takes deliveries that are due for endpoints that are locked, up to so many under way for each of them: one
-- for an endpoint that fails. The first of every endpoint go before the second of any.
WITH room AS MATERIALIZED (
    SELECT endpoint.id,
        CASE WHEN endpoint.failures >= %(in_a_row)s THEN 1 ELSE %(at_once)s END
        - (SELECT count(*) FROM webhooks_delivery AS out WHERE out.endpoint_id = endpoint.id AND out.state = 'sending')
        AS free
    FROM webhooks_endpoint AS endpoint
    WHERE endpoint.id = ANY(%(endpoints)s)
),
due AS (
    SELECT first.id, row_number() OVER (PARTITION BY room.id ORDER BY first.next_at, first.id) AS turn
    FROM room CROSS JOIN LATERAL (
        SELECT delivery.id, delivery.next_at FROM webhooks_delivery AS delivery
        WHERE delivery.endpoint_id = room.id AND delivery.state = 'waiting'
          AND delivery.next_at <= statement_timestamp()
        ORDER BY delivery.next_at, delivery.id
        LIMIT greatest(0, room.free)
    ) AS first
),
chosen AS (
    SELECT due.id FROM due ORDER BY due.turn, random() LIMIT %(limit)s
)
UPDATE webhooks_delivery AS delivery
SET state = 'sending', attempts = delivery.attempts + 1, claimed_at = statement_timestamp()
FROM chosen
WHERE delivery.id = chosen.id AND delivery.state = 'waiting'
RETURNING delivery.id
