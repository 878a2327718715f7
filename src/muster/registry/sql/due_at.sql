-- When the next producer is due, in whatever organization: one look into the index for each.
SELECT min(first.sync_next_at)
FROM access_organization AS organization
CROSS JOIN LATERAL (
    SELECT producer.sync_next_at
    FROM producers_producer AS producer
    WHERE producer.organization_id = organization.id
      AND producer.sync_status IN ('queued', 'timeout', 'error') AND producer.removed_at IS NULL
    ORDER BY producer.sync_next_at
    LIMIT 1
) AS first
