-- The transactions of these batches that can be let go to the registry, with who prepared each.
SELECT id, batch_id, prepared_by_id
FROM transactions_transaction
WHERE batch_id = ANY(%(batches)s) AND status IN ('ready', 'held') AND released_at IS NULL
ORDER BY id
