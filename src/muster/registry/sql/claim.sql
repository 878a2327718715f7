-- Takes producers that are due, an equal share for each organization that has any, the longest due first.
WITH due_organization AS (
    SELECT organization.id
    FROM access_organization AS organization
    WHERE EXISTS (
        SELECT FROM producers_producer AS producer
        WHERE producer.organization_id = organization.id
          AND producer.sync_status IN ('queued', 'timeout', 'error')
          AND producer.sync_next_at <= %(now)s AND producer.removed_at IS NULL
    )
),
share AS (
    SELECT ceil(%(limit)s::numeric / greatest(count(*), 1))::int AS size FROM due_organization
),
due AS (
    SELECT one.id
    FROM due_organization
    CROSS JOIN LATERAL (
        SELECT producer.id, producer.sync_next_at
        FROM producers_producer AS producer
        WHERE producer.organization_id = due_organization.id
          AND producer.sync_status IN ('queued', 'timeout', 'error')
          AND producer.sync_next_at <= %(now)s AND producer.removed_at IS NULL
        ORDER BY producer.sync_next_at
        LIMIT (SELECT size FROM share)
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS one
    ORDER BY one.sync_next_at
    LIMIT %(limit)s
)
UPDATE producers_producer AS producer
SET sync_status = 'processing', sync_claimed_at = %(now)s
FROM due
WHERE producer.id = due.id
RETURNING producer.id, producer.npn, producer.kind, producer.sync_attempts, producer.sync_claimed_at
