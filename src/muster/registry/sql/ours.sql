-- Locks the producers whose reports are to be stored, those that are still ours, and reads what the names and
-- the SSN are compared with.
SELECT producer.id, producer.organization_id, producer.first_name, producer.last_name,
       producer.file_first_name, producer.file_last_name,
       producer.synced_at IS NOT NULL AS was_synced, producer.ssn_sealed IS NOT NULL AS has_ssn
FROM producers_producer AS producer
JOIN unnest(%(ids)s::bigint[], %(claims)s::timestamptz[]) AS told (id, claimed_at) ON told.id = producer.id
WHERE producer.sync_status = 'processing' AND producer.sync_claimed_at = told.claimed_at
ORDER BY producer.id
FOR NO KEY UPDATE OF producer
