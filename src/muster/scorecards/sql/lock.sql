-- Locks the producers who were not removed, in the order of their ids, as everywhere, so that two writers never wait for each other.
SELECT id, organization_id, synced_at IS NOT NULL
FROM producers_producer
WHERE id = ANY(%(ids)s) AND removed_at IS NULL
ORDER BY id
FOR NO KEY UPDATE
