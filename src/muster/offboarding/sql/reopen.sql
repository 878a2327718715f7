-- Takes up producers again, who are locked: another time with the organization begins. They are watched, and queued
-- for sync, for what is known of them is from before. Tells who came back.
WITH back AS (
    UPDATE producers_producer
    SET removed_at = NULL, is_watched = true,
        sync_status = CASE WHEN sync_status = 'processing' THEN sync_status ELSE 'queued' END,
        sync_again = sync_status = 'processing',
        sync_next_at = CASE WHEN sync_status = 'processing' THEN sync_next_at ELSE %(now)s END,
        sync_attempts = 0, sync_reason = '', updated_at = %(now)s
    WHERE organization_id = %(organization)s AND id = ANY(%(ids)s) AND removed_at IS NOT NULL
    RETURNING id
),
begun AS (
    INSERT INTO producers_tenure (organization_id, producer_id, began_at, began_by_id, operation_id)
    SELECT %(organization)s, id, %(now)s, %(by)s, %(operation)s FROM back ORDER BY id
)
SELECT id FROM back ORDER BY id
