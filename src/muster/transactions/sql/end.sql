-- Puts an end to transactions that are locked; what waited for its turn at the registry no longer does. What the
-- registry has, and has not decided yet, goes on being asked about: it is decided all the same.
UPDATE transactions_transaction
SET status = %(status)s, note = %(note)s,
    released_at = CASE WHEN submitted_at IS NOT NULL THEN released_at END,
    released_by_id = CASE WHEN submitted_at IS NOT NULL THEN released_by_id END,
    next_at = CASE WHEN submitted_at IS NOT NULL AND decided_at IS NULL THEN next_at END, updated_at = now()
WHERE id = ANY(%(ids)s)
