-- Writes what became of producers that got no report, if they are still ours. Locked in the order of their ids,
-- as everywhere, so that two writers never wait for each other.
WITH told AS (
    SELECT * FROM unnest(
        %(ids)s::bigint[], %(claims)s::timestamptz[], %(statuses)s::text[], %(reasons)s::text[],
        %(attempts)s::int[], %(next)s::timestamptz[]
    ) AS told (id, claimed_at, status, reason, attempts, next_at)
),
ours AS (
    SELECT producer.id, told.status, told.reason, told.attempts, told.next_at
    FROM producers_producer AS producer
    JOIN told ON told.id = producer.id
    WHERE producer.sync_status = 'processing' AND producer.sync_claimed_at = told.claimed_at
    ORDER BY producer.id
    FOR NO KEY UPDATE OF producer
)
UPDATE producers_producer AS producer
SET sync_status = ours.status,
    sync_reason = ours.reason,
    sync_attempts = ours.attempts,
    sync_next_at = ours.next_at,
    sync_claimed_at = NULL,
    updated_at = %(now)s
FROM ours
WHERE producer.id = ours.id
