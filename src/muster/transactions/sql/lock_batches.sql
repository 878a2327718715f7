-- Locks batches, in the order of their ids.
SELECT id FROM transactions_batch WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
