-- Has producers, who are locked, wait to be removed. Who waits already, or is removed, is left alone.
INSERT INTO producers_leaving (producer_id, organization_id, asked_at, asked_by_id, operation_id)
SELECT id, organization_id, %(now)s, %(by)s, %(operation)s
FROM producers_producer
WHERE organization_id = %(organization)s AND id = ANY(%(ids)s) AND removed_at IS NULL
ORDER BY id
ON CONFLICT (producer_id) DO NOTHING
RETURNING producer_id
