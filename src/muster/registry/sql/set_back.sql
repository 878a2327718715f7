-- Writes what became of producers that got no report, if they are still ours. Locked in the order of their ids,
-- as everywhere, so that two writers never wait for each other. Where this is the end of it, but the producer was
-- queued once more in the meantime, it is due at once; else the next try, which comes later, will do.
WITH told AS (
    SELECT * FROM unnest(
        %(ids)s::bigint[], %(claims)s::timestamptz[], %(statuses)s::text[], %(reasons)s::text[],
        %(attempts)s::int[], %(next)s::timestamptz[]
    ) AS told (id, claimed_at, status, reason, attempts, next_at)
),
ours AS (
    SELECT producer.id, told.status, told.reason, told.attempts, told.next_at,
           producer.sync_again AND told.next_at IS NULL AS anew
    FROM producers_producer AS producer
    JOIN told ON told.id = producer.id
    WHERE producer.sync_status = 'processing' AND producer.sync_claimed_at = told.claimed_at
    ORDER BY producer.id
    FOR NO KEY UPDATE OF producer
)
UPDATE producers_producer AS producer
SET sync_status = CASE WHEN ours.anew THEN 'queued' ELSE ours.status END,
    sync_reason = CASE WHEN ours.anew THEN '' ELSE ours.reason END,
    sync_attempts = CASE WHEN ours.anew THEN 0 ELSE ours.attempts END,
    sync_next_at = CASE WHEN ours.anew THEN %(now)s ELSE ours.next_at END,
    sync_again = false,
    sync_claimed_at = NULL,
    updated_at = %(now)s
FROM ours
WHERE producer.id = ours.id
