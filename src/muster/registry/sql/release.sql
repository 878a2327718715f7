-- Queues again what is claimed. Locked in the order of their ids, as everywhere, so that two writers never wait
-- for each other.
WITH claimed AS (
    SELECT id FROM producers_producer WHERE sync_status = 'processing' ORDER BY id FOR NO KEY UPDATE
)
UPDATE producers_producer AS producer
SET sync_status = 'queued', sync_claimed_at = NULL, sync_again = false, updated_at = %(now)s
FROM claimed
WHERE producer.id = claimed.id
