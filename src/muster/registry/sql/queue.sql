-- Queues those chosen, which are locked as they are chosen; tells how many they are, and the first of their ids.
-- Who is being synced this moment is queued when the answer is stored, which may be from before.
WITH chosen AS ({chosen}),
queued AS (
    UPDATE producers_producer AS producer
    SET sync_status = CASE producer.sync_status WHEN 'processing' THEN 'processing' ELSE 'queued' END,
        sync_again = producer.sync_status = 'processing',
        sync_next_at = %s, sync_attempts = 0, sync_reason = '', updated_at = %s
    FROM chosen
    WHERE producer.id = chosen.id
    RETURNING producer.id
)
SELECT (SELECT count(*) FROM queued), ARRAY(SELECT id FROM queued ORDER BY id LIMIT %s)
