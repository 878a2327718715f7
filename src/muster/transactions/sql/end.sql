-- Puts an end to transactions that are locked; what waited for its turn at the registry no longer does.
UPDATE transactions_transaction
SET status = %(status)s, note = %(note)s, released_at = NULL, released_by_id = NULL, next_at = NULL,
    updated_at = now()
WHERE id = ANY(%(ids)s)
